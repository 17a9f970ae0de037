//! What a field means when it is left out: one file a kind, and one for each part that several kinds share.
//!
//! Each function fills in what Kubernetes' own defaulting would, in place:
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go> and its siblings.

mod autoscaler;
mod budget;
mod claim;
mod cluster_role;
mod cluster_role_binding;
mod config_map;
mod container;
mod controller_revision;
mod cron_job;
mod daemon_set;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event;
mod ingress;
mod ingress_class;
mod job;
mod namespace;
mod node;
mod pod;
mod pod_template;
mod pod_volume;
mod priority_class;
mod probe;
mod replica_set;
mod replication_controller;
mod role;
mod role_binding;
mod runtime_class;
mod secret;
mod service;
mod service_account;
mod stateful_set;
mod storage_class;
mod text;
mod volume;

pub use autoscaler::{autoscaler, behavior};
pub use budget::budget;
pub use claim::claim;
pub use cluster_role::cluster_role;
pub use cluster_role_binding::cluster_role_binding;
pub use config_map::config_map;
pub use controller_revision::controller_revision;
pub use cron_job::cron_job;
pub use daemon_set::daemon_set;
pub use deployment::deployment;
pub use endpoint_slice::endpoint_slice;
pub use endpoints::endpoints;
pub use event::event;
pub use ingress::ingress;
pub use ingress_class::ingress_class;
pub use job::job;
pub use namespace::namespace;
pub use node::node;
pub use pod::pod;
pub use priority_class::priority_class;
pub use replica_set::replica_set;
pub use replication_controller::replication_controller;
pub use role::role;
pub use role_binding::role_binding;
pub use runtime_class::runtime_class;
pub use secret::secret;
pub use service::service;
pub use service_account::service_account;
pub use stateful_set::stateful_set;
pub use storage_class::storage_class;
use text::text;
pub use volume::volume;

#[cfg(test)]
mod tests;
