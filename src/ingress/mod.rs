//! Ingress objects → one nginx configuration, kept current in an ordinary pod.
