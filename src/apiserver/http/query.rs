//! Query parameters, read. Pure.
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/>

use std::str::FromStr;

use crate::apiserver::{DeleteOptions, Error, ExecQuery, ListOptions, LogQuery, PageOptions};

/// The parameters of one request.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part of a URI after the question mark.
    pub fn of(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The last value of a parameter that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Whether a parameter is set to true.
    pub fn is(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    /// A parameter in another form.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        let read = |text: &str| {
            text.parse().map_err(|_| Error::BadRequest(format!("the parameter {name} can't be \"{text}\"")))
        };
        self.text(name).map(read).transpose()
    }

    /// Whether a write is only tried. <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn is_dry(&self) -> Result<bool, Error> {
        dry(self.0.iter().filter(|(n, v)| n == "dryRun" && !v.is_empty()).map(|(_, v)| v.as_str()))
    }

    /// The selectors of a list.
    pub fn list(&self, namespace: Option<String>) -> ListOptions {
        let text = |name| self.text(name).unwrap_or_default().to_owned();
        ListOptions { namespace, labels: text("labelSelector"), fields: text("fieldSelector") }
    }

    /// Which part of a list.
    pub fn page(&self) -> Result<PageOptions, Error> {
        let revision = self.parse("resourceVersion")?.filter(|revision| *revision > 0);
        let exact = self.text("resourceVersionMatch") == Some("Exact");
        Ok(PageOptions {
            limit: self.parse("limit")?,
            token: self.text("continue").map(str::to_owned),
            exactly: revision.filter(|_| exact),
            not_older: revision.filter(|_| !exact),
        })
    }

    /// Options for a deletion, with those of the request's body before them.
    pub fn delete(&self, body: &serde_json::Value) -> Result<DeleteOptions, Error> {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        Ok(DeleteOptions {
            uid: text(&body["preconditions"]["uid"]),
            revision: text(&body["preconditions"]["resourceVersion"]),
            grace: body["gracePeriodSeconds"].as_i64().or(self.parse("gracePeriodSeconds")?),
            propagation: text(&body["propagationPolicy"]).or(self.parse("propagationPolicy")?),
        })
    }

    /// Which part of which log.
    pub fn logs(&self) -> Result<LogQuery, Error> {
        Ok(LogQuery {
            container: self.text("container").map(str::to_owned),
            follow: self.is("follow"),
            tail: self.parse("tailLines")?,
            since_seconds: self.parse("sinceSeconds")?,
            since_time: self.parse("sinceTime")?,
            timestamps: self.is("timestamps"),
            previous: self.is("previous"),
        })
    }

    /// What to run.
    pub fn exec(&self) -> Result<ExecQuery, Error> {
        let command: Vec<_> = self.0.iter().filter(|(n, _)| n == "command").map(|(_, v)| v.clone()).collect();
        if command.is_empty() {
            return Err(Error::BadRequest("you must specify at least one command for the container".into()));
        }
        Ok(ExecQuery {
            container: self.text("container").map(str::to_owned),
            command,
            stdin: self.is("stdin"),
            stdout: self.is("stdout"),
            stderr: self.is("stderr"),
            tty: self.is("tty"),
        })
    }
}

/// Reads the values of `dryRun`: `All` is the only one that there is.
pub fn dry<'a>(values: impl Iterator<Item = &'a str>) -> Result<bool, Error> {
    let mut is_dry = false;
    for value in values {
        if value != "All" {
            return Err(Error::BadRequest(format!(
                "dryRun: Unsupported value: \"{value}\": supported values: \"All\""
            )));
        }
        is_dry = true;
    }
    Ok(is_dry)
}
