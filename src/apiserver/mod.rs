//! The Kubernetes REST API over the store: one file a verb for all kinds, and HTTP in front of it.
