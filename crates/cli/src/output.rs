//! The one way to the terminal: stdout is data, stderr is everything else.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Table};
use serde::Serialize;

use crate::exit::Failure;

/// How a value of a table is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// As wanted.
    Good,
    /// Worth a look.
    Warn,
    /// Somebody must act.
    Bad,
}

/// One value of a table.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    text: String,
    tone: Tone,
}

impl Value {
    /// With a tone.
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }

    /// Without a text.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Plain,
        }
    }
}

/// Where a command writes, and in which form.
pub(crate) struct Output {
    json: bool,
    colour: bool,
    stdout: RefCell<io::BufWriter<io::Stdout>>,
}

impl Output {
    /// Colours on a terminal only, and never where `NO_COLOR` says so (any value but the empty one).
    pub(crate) fn new(json: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let colour = io::stdout().is_terminal() && !refused;
        Self {
            json,
            colour,
            stdout: RefCell::new(io::BufWriter::new(io::stdout())),
        }
    }

    /// `--json`.
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    /// Whether a person is looking.
    pub(crate) fn is_for_people(&self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// A line of data.
    pub(crate) fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        let mut out = self.stdout.borrow_mut();
        let written = out
            .write_all(text.as_ref().as_bytes())
            .and_then(|()| out.write_all(b"\n"));
        written.map_err(|e| Failure::stdout(&e))
    }

    /// A value as one line of JSON.
    pub(crate) fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        self.line(serde_json::to_string(value).unwrap_or_default())
    }

    /// A text in the colour of its tone.
    pub(crate) fn painted(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
            Tone::Plain => return text.to_owned(),
        };
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A heading above a table: an empty line, then the words.
    pub(crate) fn heading(&self, text: &str) -> Result<(), Failure> {
        let text = if self.colour {
            format!("\n\u{1b}[1m{text}\u{1b}[0m")
        } else {
            format!("\n{text}")
        };
        self.line(text)
    }

    /// A table; nothing at all when there are no rows.
    pub(crate) fn table(&self, header: &[&str], rows: Vec<Vec<Value>>) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic);
        if !io::stdout().is_terminal() {
            // In a file or a pipe no line is wrapped: a program or a search reads it.
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        table.set_header(header.iter().copied());
        // An id broken over two lines cannot be copied.
        for (place, _) in header.iter().enumerate().filter(|(_, name)| **name == "id") {
            if let Some(column) = table.column_mut(place) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        for row in rows {
            table.add_row(row.into_iter().map(|value| self.cell(value)));
        }
        self.line(table.to_string())
    }

    fn cell(&self, value: Value) -> Cell {
        let cell = Cell::new(value.text);
        match value.tone {
            _ if !self.colour => cell,
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::Green),
            Tone::Warn => cell.fg(Color::Yellow),
            Tone::Bad => cell.fg(Color::Red),
        }
    }

    /// What is said beside the data, on stderr.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        note(text);
    }

    /// Everything out, before the process ends.
    pub(crate) fn flush(&self) -> Result<(), Failure> {
        self.stdout.borrow_mut().flush().map_err(|e| Failure::stdout(&e))
    }
}

/// A line on stderr; if even that fails nobody can be told.
pub(crate) fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr(), "{}", text.as_ref());
}
