/**
 * Edge: sends the events of clients, rooms and documents to another application, by <a href="https://www.standardwebhooks.com">Standard
 * Webhooks</a>. {@link dev.tutti.webhook.Webhooks} takes events, its run keeps them in a {@code WebhookQueue} and a {@code WebhookJournal}, and threads
 * that may block send them.
 */
@NullMarked
package dev.tutti.webhook;

import org.jspecify.annotations.NullMarked;
