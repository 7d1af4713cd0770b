-- Webhooks that wait for a person are told of in the health of their connection.
CREATE INDEX webhook_deliveries_workspace_id_connection_id_created_at_idx
    ON webhook_deliveries (workspace_id, connection_id, created_at) WHERE state = 'FAILED';
