//! The form in which a client takes objects: as they are, as rows of a table, or as their metadata alone. Pure.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

use hyper::header::{ACCEPT, HeaderMap};
use serde_json::{Value, json};

use super::query::Query;
use crate::api::table::columns;
use crate::api::{Kind, Timestamp};
use crate::apiserver::Error;

const GROUP: &str = "meta.k8s.io";

/// A form of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As they are.
    Plain,
    /// As rows with kubectl's columns, each with this much of its object.
    Table(Include),
    /// Their metadata alone.
    Metadata,
}

/// How much of its object a row of a table carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// Nothing.
    None,
    /// The metadata.
    Metadata,
    /// All of it.
    Object,
}

impl Shape {
    /// The first form of the `Accept` header that the server has; plain where there is no header.
    ///
    /// # Errors
    /// [`Error::NotAcceptable`] if the server has none of them.
    pub fn of(headers: &HeaderMap, query: &Query) -> Result<Self, Error> {
        let include = match query.text("includeObject") {
            Some("None") => Include::None,
            Some("Object") => Include::Object,
            _ => Include::Metadata,
        };
        let accepted: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
        if accepted.iter().all(|text| text.trim().is_empty()) {
            return Ok(Self::Plain);
        }
        let mut forms = accepted.iter().flat_map(|text| text.split(','));
        forms.find_map(|form| Self::read(form, include)).ok_or(Error::NotAcceptable)
    }

    fn read(form: &str, include: Include) -> Option<Self> {
        let mut parts = form.split(';').map(str::trim);
        if !matches!(parts.next()?, "application/json" | "application/*" | "*/*") {
            return None;
        }
        let (mut form, mut group, mut version) = (None, None, None);
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name {
                "as" => form = Some(value),
                "g" => group = Some(value),
                "v" => version = Some(value),
                _ => {}
            }
        }
        let known = group == Some(GROUP) && version == Some("v1");
        match form {
            None => Some(Self::Plain),
            Some("Table") if known => Some(Self::Table(include)),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") if known => Some(Self::Metadata),
            Some(_) => None,
        }
    }

    /// One object in this form.
    pub fn object(self, kind: &Kind, object: Value, now: Timestamp) -> Value {
        match self {
            Self::Plain => object,
            Self::Metadata => metadata_of(&object),
            Self::Table(include) => {
                let revision = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
                table(kind, &revision, &[object], include, now)
            }
        }
    }

    /// A list in this form; `metadata` is the list's own.
    pub fn list(self, kind: &Kind, metadata: &Value, items: &[Value], now: Timestamp) -> Value {
        match self {
            Self::Table(include) => table(kind, metadata, items, include, now),
            Self::Metadata => json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": items.iter().map(metadata_of).collect::<Vec<_>>(),
            }),
            Self::Plain => json!({
                "kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": metadata,
                "items": items,
            }),
        }
    }
}

fn metadata_of(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn table(kind: &Kind, metadata: &Value, items: &[Value], include: Include, now: Timestamp) -> Value {
    let columns = columns(kind);
    let definition = |c: &crate::api::table::Column| {
        json!({
            "name": heading(c.name), "type": "string", "format": if c.name == "NAME" { "name" } else { "" },
            "description": "", "priority": i32::from(c.wide),
        })
    };
    let row = |item: &Value| {
        let mut row = json!({"cells": columns.iter().map(|c| (c.cell)(item, now)).collect::<Vec<_>>()});
        match include {
            Include::None => {}
            Include::Metadata => row["object"] = metadata_of(item),
            Include::Object => row["object"] = item.clone(),
        }
        row
    };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": columns.iter().map(definition).collect::<Vec<_>>(),
        "rows": items.iter().map(row).collect::<Vec<_>>(),
    })
}

/// `Up-to-date` of `UP-TO-DATE`, as Kubernetes writes headings; clients raise them again.
fn heading(name: &str) -> String {
    let mut start = true;
    let letter = |c: char| {
        let written = if start { c } else { c.to_ascii_lowercase() };
        start = c == ' ';
        written
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(accept: &str) -> Result<Shape, u16> {
        let headers = [(ACCEPT, accept.parse().unwrap())].into_iter().collect();
        Shape::of(&headers, &Query::of("")).map_err(|e| e.code().0)
    }

    #[test]
    fn the_first_form_that_the_server_has_is_taken() {
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(shape(kubectl), Ok(Shape::Table(Include::Metadata)));
        assert_eq!(shape("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), Ok(Shape::Metadata));
        assert_eq!(shape("application/vnd.kubernetes.protobuf,application/json"), Ok(Shape::Plain));
        assert_eq!(shape("application/vnd.kubernetes.protobuf"), Err(406));
        assert_eq!(shape("application/json;as=Thing;g=meta.k8s.io;v=v1, */*"), Ok(Shape::Plain));
        assert_eq!(Shape::of(&HeaderMap::new(), &Query::of("")).unwrap(), Shape::Plain);
    }

    #[test]
    fn rows_have_kubernetes_columns_and_the_metadata() {
        let kind = Kind::by_word("cm").unwrap();
        let object =
            json!({"metadata": {"name": "a", "creationTimestamp": "1970-01-01T00:00:00Z"}, "data": {"k": "v"}});
        let table = Shape::Table(Include::Metadata).object(kind, object.clone(), Timestamp::UNIX_EPOCH);
        insta::assert_snapshot!(table["rows"], @r#"[{"cells":["a","1","0s"],"object":{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":{"creationTimestamp":"1970-01-01T00:00:00Z","name":"a"}}}]"#);
        assert_eq!(table["columnDefinitions"][1]["name"], "Data");
        assert_eq!((heading("UP-TO-DATE"), heading("LAST SEEN")), ("Up-to-date".to_owned(), "Last Seen".to_owned()));
        assert!(Shape::Metadata.object(kind, object, Timestamp::UNIX_EPOCH)["data"].is_null());
    }
}
