package dev.tutti.webhook;

import dev.tutti.settings.Setting;

/** The settings of webhooks. Immutable. */
public record WebhookOptions(
        @Setting(value = "", help = "http address that receives events as Standard Webhooks")
        String webhookUrl,

        @Setting(value = "", help = "file with the secret that signs webhooks, whsec_…; two lines while you change it")
        String webhookSecretFile,

        @Setting(value = "*", help = "types of events to send, with patterns: *, room.*=team-*, publication=chat-*")
        String webhookEvents,

        @Setting(
                value = "16777216",
                min = 65536,
                help = "bytes of events that may wait for their receiver; further ones are dropped")
        int webhookQueueBytes) {}
