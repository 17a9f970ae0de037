//! Label and field selectors over objects in JSON. Pure.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

use crate::api::labels::{self, Labels};
use crate::apiserver::{Error, ListOptions};

/// What a list or a watch is narrowed to.
#[derive(Clone, Debug)]
pub struct Selection {
    labels: LabelSelector,
    fields: Vec<Field>,
}

/// One term of a field selector.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    pointer: String,
    value: String,
    equal: bool,
}

impl Selection {
    /// Reads the selectors.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if one is no selector.
    pub fn of(options: &ListOptions) -> Result<Self, Error> {
        let terms = options.fields.split(',').map(str::trim).filter(|t| !t.is_empty());
        let fields = terms.map(|t| field(t).ok_or_else(|| format!("\"{t}\" is not a field selector")));
        let fields = fields.collect::<Result<_, _>>().map_err(Error::BadRequest)?;
        Ok(Self { labels: labels::parse(&options.labels).map_err(Error::BadRequest)?, fields })
    }

    /// Whether the object is selected.
    pub fn has(&self, object: &Value) -> bool {
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let fields = self.fields.iter().all(|field| {
            let found = object.pointer(&field.pointer).filter(|v| !v.is_null()).map(text).unwrap_or_default();
            (found == field.value) == field.equal
        });
        fields && labels::matches(&self.labels, labels_of(object).as_ref())
    }
}

fn labels_of(object: &Value) -> Option<Labels> {
    let labels = object["metadata"]["labels"].as_object()?;
    Some(labels.iter().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect())
}

fn field(term: &str) -> Option<Field> {
    let (path, value, equal) = match term.split_once("!=") {
        Some((path, value)) => (path, value, false),
        None => term.split_once('=').map(|(path, value)| (path, value.strip_prefix('=').unwrap_or(value), true))?,
    };
    let fit = !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    fit.then(|| Field { pointer: format!("/{}", path.replace('.', "/")), value: value.to_owned(), equal })
}
