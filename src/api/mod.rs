//! The nouns: kinds, keys, labels, quantities, addresses, views, plans. Pure: values in, values out.

pub mod conditions;
pub mod defaults;
pub mod diff;
pub mod forecast;
pub mod indexes;
pub mod key;
pub mod kind;
pub mod labels;
pub mod names;
pub mod net;
pub mod object;
pub mod patch;
pub mod placement;
pub mod plan;
pub mod problem;
pub mod qos;
pub mod quantity;
pub mod rbac;
pub mod revision;
pub mod schedule;
pub mod schema;
pub mod support;
pub mod table;
pub mod trouble;
pub mod usage;
pub mod validate;
pub mod view;
pub mod workload;

pub use key::Key;
pub use kind::{KINDS, Kind};
pub use net::Ranges;
pub use object::Object;
pub use plan::{Action, Plan, Step};
pub use problem::Problem;
pub use schema::Schema;
pub use view::View;
pub use workload::Workload;

pub use jiff::Timestamp;
pub use serde_json::Value;
