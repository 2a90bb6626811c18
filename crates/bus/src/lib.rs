//! NATS JetStream: streams, reading, conditional append, lease, quarantine, the driver.
