/**
 * Leaf: the {@link dev.tutti.event.Event}s of clients, rooms and documents. Hub and documents post them to {@link
 * dev.tutti.event.Events}, which hands them to its {@link dev.tutti.event.EventSink}s: one for each {@link dev.tutti.event.TuttiListener} of the
 * application, and one for webhooks.
 */
@NullMarked
package dev.tutti.event;

import org.jspecify.annotations.NullMarked;
