//! Binds pods to the one node, or says why they can't be.
