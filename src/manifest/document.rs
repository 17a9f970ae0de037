//! Cuts a text into its YAML documents, so that a mistake in one leaves the others readable.

/// One document of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// The lines before it in the file.
    pub above: usize,
    /// Its text, with the `---` that begins it.
    pub text: &'a str,
}

/// The documents that hold more than comments and directives. `---` in the first column always begins a document,
/// even inside a block of text. <https://yaml.org/spec/1.2.2/#912-document-markers>
pub fn split(text: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut above, mut end, mut lines) = (0, 0, 0, 0);
    for line in text.split_inclusive('\n') {
        if is_marker(line) && end > start {
            documents.push(Document { above, text: &text[start..end] });
            (start, above) = (end, lines);
        }
        end += line.len();
        lines += 1;
    }
    documents.push(Document { above, text: &text[start..] });
    documents.retain(|document| !is_empty(document.text));
    documents
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

fn is_empty(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').lines().all(|line| {
        let line = if is_marker(line) { &line[3..] } else { line }.trim();
        line.is_empty() || line == "..." || line.starts_with(['#', '%'])
    })
}
