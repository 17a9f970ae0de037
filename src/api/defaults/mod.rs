//! What a field means when it is left out: one file a kind, and one for each part that several kinds share.
//!
//! Each function fills in what Kubernetes' own defaulting would, in place:
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go> and its siblings.

mod claim;
mod config_map;
mod container;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event;
mod ingress;
mod ingress_class;
mod namespace;
mod node;
mod pod;
mod pod_template;
mod pod_volume;
mod probe;
mod replica_set;
mod secret;
mod service;
mod service_account;
mod storage_class;
mod text;
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

use text::text;

#[cfg(test)]
mod tests;
