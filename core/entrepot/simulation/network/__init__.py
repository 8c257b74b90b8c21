"""Between client and server: latency, timeouts and faults."""
