//! Names of services and pods; everything else is forwarded.
