//! Why what a pod refers to can't be had yet, or at all.

/// Why an environment or a volume can't be had, in Kubernetes' words; never with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// There is no such object.
    #[error("{kind} \"{name}\" not found")]
    Object {
        /// `configmap`, `secret`, `node`, `persistentvolumeclaim`, `persistentvolume`, `volume`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The object of an environment variable has no such key.
    #[error("couldn't find key {key} in {kind} {namespace}/{name}")]
    Key {
        /// `ConfigMap` or `Secret`.
        kind: &'static str,
        /// The object's namespace.
        namespace: String,
        /// The object's name.
        name: String,
        /// The key.
        key: String,
    },
    /// The object of a volume has no such key.
    #[error("{kind} \"{name}\" references non-existent key: {key}")]
    Item {
        /// `configmap` or `secret`.
        kind: &'static str,
        /// The object's name.
        name: String,
        /// The key.
        key: String,
    },
    /// The key's value is bytes that no environment variable of wharf's can hold.
    #[error("key {key} in Secret {namespace}/{name} is not UTF-8 text without zero bytes")]
    NotText {
        /// The Secret's namespace.
        namespace: String,
        /// The Secret's name.
        name: String,
        /// The key.
        key: String,
    },
    /// The claim has no volume yet.
    #[error("persistentvolumeclaim \"{0}\" is not bound")]
    Unbound(String),
    /// A path would lead out of its volume.
    #[error("path \"{0}\" must be relative and not contain \"..\"")]
    Escape(String),
    /// The API did not give a token.
    #[error("failed to fetch token: {0}")]
    Token(String),
    /// The manifest asks for something that wharf or Kubernetes does not know, or that contradicts itself.
    #[error("{0}")]
    Unsupported(String),
}
