//! One good pod, one mutation, the expected status.
