//! `wharf set resources`: limits and requests of containers. Pure.

use serde_json::{Map, Value};

use super::pod_spec::{containers, fits, name};
use crate::cli::args::SetResources;
use crate::cli::error::Error;

/// The fields of `resources` that are to be set, each with the amounts that it takes.
pub type Change = Vec<(&'static str, Map<String, Value>)>;

/// Reads `cpu=200m,memory=64Mi`.
///
/// # Errors
/// Neither limits nor requests, or what is no such list.
pub fn read(args: &SetResources) -> Result<Change, Error> {
    let fields = [("limits", &args.limits), ("requests", &args.requests)];
    let given = fields.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)));
    let change: Change = given.map(|(field, text)| Ok((field, amounts(text)?))).collect::<Result<_, Error>>()?;
    if change.is_empty() { Err(Error::usage("give --limits, --requests or both")) } else { Ok(change) }
}

fn amounts(text: &str) -> Result<Map<String, Value>, Error> {
    let read = |pair: &str| match pair.split_once('=') {
        Some((name, amount)) if !name.is_empty() && !amount.is_empty() => Ok((name.to_owned(), amount.into())),
        _ => Err(Error::usage(format!("\"{pair}\" is not of the form RESOURCE=AMOUNT"))
            .hint("for example: cpu=200m,memory=64Mi")),
    };
    text.split(',').map(read).collect()
}

/// Sets them in the containers whose names fit; an amount of 0 takes the resource out.
///
/// # Errors
/// No container fits.
pub fn set(spec: &mut Value, pattern: &str, change: &Change) -> Result<(), String> {
    let mut found = false;
    for container in containers(spec).into_iter().filter(|c| fits(pattern, name(c))) {
        found = true;
        for (field, amounts) in change {
            let mut now = container["resources"][*field].as_object().cloned().unwrap_or_default();
            now.extend(amounts.clone());
            now.retain(|_, amount| amount != "0");
            container["resources"][*field] = Value::Object(now);
        }
    }
    if found { Ok(()) } else { Err(format!("unable to find a container that fits \"{pattern}\"")) }
}
