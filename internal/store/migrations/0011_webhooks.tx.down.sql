-- Undoes 0011_webhooks.tx.up.sql.
DROP TABLE webhook_deliveries, webhooks;
