//! What Kubernetes would refuse, in its words: one file a kind, and one for each part that several kinds share.
//!
//! Each function takes the object after its defaults, and the stored one in an update; it returns every problem.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go> and its siblings.

mod claim;
mod config_map;
mod container;
mod data;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod env;
mod event;
mod field;
mod host;
mod ingress;
mod ingress_class;
mod meta;
mod name;
mod namespace;
mod node;
mod pod;
mod pod_template;
mod pod_volume;
mod probe;
mod replica_set;
mod resources;
mod secret;
mod selector;
mod service;
mod service_account;
mod service_port;
mod storage_class;
mod volume;

pub use claim::claim;
pub use config_map::config_map;
pub use deployment::deployment;
pub use endpoint_slice::endpoint_slice;
pub use endpoints::endpoints;
pub use event::event;
pub use ingress::ingress;
pub use ingress_class::ingress_class;
pub use namespace::namespace;
pub use node::node;
pub use pod::pod;
pub use replica_set::replica_set;
pub use secret::secret;
pub use service::service;
pub use service_account::service_account;
pub use storage_class::storage_class;
pub use volume::volume;

#[cfg(test)]
mod tests;
