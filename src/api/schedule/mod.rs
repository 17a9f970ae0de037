//! When a CronJob runs: schedules of five fields as Kubernetes reads them, in a time zone.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>

mod field;
mod next;
mod parse;
#[cfg(test)]
mod tests;

pub use next::{Schedule, zone};
