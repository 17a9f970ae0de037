//! What Kubernetes would refuse, in its words: one file a kind, and one for each part that several kinds share.
//!
//! Each function takes the object after its defaults, and the stored one in an update; it returns every problem.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go> and its siblings.

mod amount;
mod autoscaler;
mod budget;
mod claim;
mod config_map;
mod container;
mod controller_revision;
mod cron_job;
mod daemon_set;
mod data;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod env;
mod ephemeral;
mod event;
mod failure_policy;
mod field;
mod host;
mod hostname;
mod ingress;
mod ingress_class;
mod job;
mod life;
mod meta;
mod name;
mod namespace;
mod node;
mod pod;
mod pod_template;
mod pod_volume;
mod priority_class;
mod probe;
mod projection;
mod replica_set;
mod replication_controller;
mod resources;
mod runtime_class;
mod scheduling;
mod secret;
mod security;
mod selector;
mod service;
mod service_account;
mod service_port;
mod stateful_set;
mod storage_class;
mod toleration;
mod volume;

pub use autoscaler::autoscaler;
pub use budget::budget;
pub use claim::claim;
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
pub use runtime_class::runtime_class;
pub use secret::secret;
pub use service::service;
pub use service_account::service_account;
pub use stateful_set::stateful_set;
pub use storage_class::storage_class;
pub use volume::volume;

#[cfg(test)]
mod tests;
