//! `wharf top`: what pods and the node use of cpu and memory.

use super::args::Top;
use super::error::Error;
use super::table::align;
use super::ui::Ui;
use crate::api::object::meta;
use crate::api::{Value, quantity};
use crate::client::Client;

/// Shows what is used now.
///
/// # Errors
/// If the node does not answer.
pub async fn run(client: &Client, namespace: &str, args: &Top, ui: &Ui) -> Result<(), Error> {
    let rows = match args {
        Top::Nodes => {
            let mut rows = vec![headings(&["NAME", "CPU(cores)", "MEMORY(bytes)"])];
            let all = client.usage(false, None, "").await?;
            rows.extend(
                all.iter().map(|n| [vec![meta(n, "name").to_owned()], amounts([&n["usage"]].into_iter())].concat()),
            );
            rows
        }
        Top::Pods { all_namespaces, containers, selector } => {
            let namespace = (!all_namespaces).then_some(namespace);
            let all = client.usage(true, namespace, selector.as_deref().unwrap_or_default()).await?;
            if all.is_empty() {
                ui.say("No resources found.");
                return Ok(());
            }
            pods(&all, *all_namespaces, *containers)
        }
    };
    ui.data(&align(&rows));
    Ok(())
}

fn pods(all: &[Value], namespaces: bool, each: bool) -> Vec<Vec<String>> {
    let mut names = vec!["CPU(cores)", "MEMORY(bytes)"];
    names.splice(0..0, if each { &["POD", "NAME"][..] } else { &["NAME"] }.iter().copied());
    if namespaces {
        names.insert(0, "NAMESPACE");
    }
    let mut rows = vec![headings(&names)];
    for pod in all {
        let name = meta(pod, "name").to_owned();
        let head = if namespaces { vec![meta(pod, "namespace").to_owned(), name] } else { vec![name] };
        let containers = pod["containers"].as_array().into_iter().flatten();
        if each {
            rows.extend(containers.map(|c| {
                let container = c["name"].as_str().unwrap_or_default().to_owned();
                [head.clone(), vec![container], amounts([&c["usage"]].into_iter())].concat()
            }));
        } else {
            rows.push([head, amounts(containers.map(|c| &c["usage"]))].concat());
        }
    }
    rows
}

fn headings(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// `12m` and `34Mi`, as kubectl shows them.
fn amounts<'a>(usages: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let milli = |text: &Value| quantity::milli(text.as_str().unwrap_or_default()).unwrap_or(0);
    let (cpu, memory) = usages.fold((0, 0), |(cpu, memory), u| (cpu + milli(&u["cpu"]), memory + milli(&u["memory"])));
    vec![format!("{cpu}m"), format!("{}Mi", memory / 1000 / (1 << 20))]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_are_summed_or_told_by_container() {
        let c = |name: &str, cpu: &str| json!({"name": name, "usage": {"cpu": cpu, "memory": "2048Ki"}});
        let all = [
            json!({"metadata": {"name": "web", "namespace": "shop"}, "containers": [c("a", "1500000n"), c("b", "2m")]}),
        ];
        insta::assert_snapshot!(align(&pods(&all, true, false)), @r"
        NAMESPACE   NAME   CPU(cores)   MEMORY(bytes)
        shop        web    4m           4Mi
        ");
        insta::assert_snapshot!(align(&pods(&all, false, true)), @r"
        POD   NAME   CPU(cores)   MEMORY(bytes)
        web   a      2m           2Mi
        web   b      2m           2Mi
        ");
    }
}
