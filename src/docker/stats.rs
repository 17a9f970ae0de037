//! What a container has used of cpu so far, and of memory now.

use bollard::Docker;
use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;

use super::containers::named;
use super::error::about;
use crate::api::Timestamp;
use crate::kubelet::runtime::{Error, Reading};

/// Reads one container's counters. One shot takes 4 ms; without it Docker waits a second for a second reading.
pub(super) async fn read(client: &Docker, id: &str) -> Result<Reading, Error> {
    let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
    let mut answers = std::pin::pin!(client.stats(id, Some(options)));
    match answers.next().await {
        Some(answer) => Ok(reading(&answer.map_err(|e| about(&named(id), e))?, Timestamp::now())),
        None => Err(Error::NotFound(format!("{} has no statistics", named(id)))),
    }
}

/// The working set is what is in use less the files that can be dropped, as the kubelet has it; cgroup v2 and v1 name those
/// differently.
fn reading(stats: &ContainerStatsResponse, at: Timestamp) -> Reading {
    let cpu = stats.cpu_stats.as_ref().and_then(|c| c.cpu_usage.as_ref()?.total_usage).unwrap_or(0);
    let memory = stats.memory_stats.as_ref();
    let used = memory.and_then(|m| m.usage).unwrap_or(0);
    let files =
        memory.and_then(|m| m.stats.as_ref()).and_then(|s| s.get("inactive_file").or(s.get("total_inactive_file")));
    Reading { at, cpu, memory: used.saturating_sub(files.copied().unwrap_or(0)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_that_can_be_dropped_do_not_count() {
        let read = |stats: serde_json::Value| {
            let answer = json!({
                "cpu_stats": {"cpu_usage": {"total_usage": 7}}, "memory_stats": {"usage": 100, "stats": stats},
            });
            let reading = reading(&serde_json::from_value(answer).unwrap(), Timestamp::UNIX_EPOCH);
            (reading.cpu, reading.memory)
        };
        assert_eq!(read(json!({"inactive_file": 30, "cache": 40})), (7, 70));
        assert_eq!(read(json!({"total_inactive_file": 20})), (7, 80));
    }
}
