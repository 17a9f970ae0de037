//! `wharf set image`: the images of containers. Pure.

use super::pod_spec::{containers, name};
use crate::api::Value;
use crate::cli::error::Error;

/// Reads `CONTAINER=IMAGE`.
///
/// # Errors
/// None at all, or one that is something else.
pub fn read(pairs: &[String]) -> Result<Vec<(String, String)>, Error> {
    if pairs.is_empty() {
        return Err(Error::usage("name at least one image: CONTAINER=IMAGE"));
    }
    let read = |pair: &String| match pair.split_once('=') {
        Some((container, image)) if !container.is_empty() && !image.is_empty() => {
            Ok((container.to_owned(), image.to_owned()))
        }
        _ => Err(Error::usage(format!("\"{pair}\" is not of the form CONTAINER=IMAGE"))),
    };
    pairs.iter().map(read).collect()
}

/// Sets the images; `*` stands for all containers.
///
/// # Errors
/// A container that is not there.
pub fn set(spec: &mut Value, images: &[(String, String)]) -> Result<(), String> {
    let mut all = containers(spec);
    for (wanted, image) in images {
        let mut found = wanted == "*";
        for container in &mut all {
            if wanted == "*" || name(container) == wanted {
                container["image"] = image.clone().into();
                found = true;
            }
        }
        if !found {
            return Err(format!("unable to find container named \"{wanted}\""));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_name_or_all_at_once() {
        let spec =
            json!({"initContainers": [{"name": "i", "image": "x:1"}], "containers": [{"name": "web", "image": "x:1"}]});
        let images = |words: &[&str]| {
            let pairs = read(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()).map_err(|e| e.to_string())?;
            let mut spec = spec.clone();
            set(&mut spec, &pairs)?;
            Ok::<_, String>(
                [&spec["initContainers"][0]["image"], &spec["containers"][0]["image"]].map(Value::to_string).concat(),
            )
        };
        assert_eq!(images(&["web=y:2"]).unwrap(), r#""x:1""y:2""#);
        assert_eq!(images(&["*=y:2"]).unwrap(), r#""y:2""y:2""#);
        assert_eq!(images(&["db=y:2"]).unwrap_err(), "unable to find container named \"db\"");
        assert_eq!(images(&["web="]).unwrap_err(), "error: \"web=\" is not of the form CONTAINER=IMAGE");
    }
}
