//! Which part of an object a request is about.

use crate::api::Kind;
use crate::apiserver::Error;

/// Which part of an object a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subresource {
    /// The object without its status.
    Main,
    /// The status alone.
    Status,
    /// The number of replicas, as an `autoscaling/v1` Scale.
    Scale,
    /// The finalizers in a Namespace's spec.
    Finalize,
    /// The resources of a pod's containers.
    Resize,
    /// The containers that were added to a pod while it ran.
    EphemeralContainers,
}

impl Subresource {
    /// The subresource of this name; empty is the object itself.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] if the kind has none of this name.
    pub fn of(kind: &Kind, name: &str) -> Result<Self, Error> {
        match name {
            "" => Ok(Self::Main),
            "status" if kind.status => Ok(Self::Status),
            "scale" if kind.scale => Ok(Self::Scale),
            "finalize" if kind.kind == "Namespace" => Ok(Self::Finalize),
            "resize" if kind.kind == "Pod" => Ok(Self::Resize),
            "ephemeralcontainers" if kind.kind == "Pod" => Ok(Self::EphemeralContainers),
            _ => Err(Error::NoSuchPath),
        }
    }
}
