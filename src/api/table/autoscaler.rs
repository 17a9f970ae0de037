//! The targets of an autoscaler, as kubectl prints them.

use serde_json::Value;

use super::cells::{joined, list, text};

/// `cpu: 12%/50%, memory: 5242880/2Mi`: what is, and what is aimed at.
pub(super) fn targets(scaler: &Value) -> String {
    let is = list(scaler, "/status/currentMetrics");
    let cells = list(scaler, "/spec/metrics").iter().map(|metric| {
        let field = if metric["type"] == "ContainerResource" { "containerResource" } else { "resource" };
        let source = &metric[field];
        let same = |m: &&Value| m[field]["name"] == source["name"] && m[field]["container"] == source["container"];
        let current = is.iter().find(same).map_or(&Value::Null, |m| &m[field]["current"]);
        let percent = |of: &Value| of["averageUtilization"].as_i64().map(|n| format!("{n}%"));
        let name = text(source, "/name", "");
        if let Some(wanted) = percent(&source["target"]) {
            format!("{name}: {}/{wanted}", percent(current).unwrap_or_else(|| UNKNOWN.to_owned()))
        } else {
            let value = text(current, "/averageValue", UNKNOWN);
            format!("{name}: {value}/{}", text(source, "/target/averageValue", "<auto>"))
        }
    });
    joined(cells).replace(',', ", ")
}

const UNKNOWN: &str = "<unknown>";
