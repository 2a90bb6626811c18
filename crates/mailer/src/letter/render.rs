//! A page through the templates: minijinja writes the text and the MJML, mrml makes HTML of the MJML.

use std::collections::HashMap;
use std::sync::LazyLock;

use care::phi::Phi;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use mrml::prelude::render::RenderOptions;

use super::layout::page;
use super::page::{Body, Page};
use super::palette::{DARK, LIGHT};
use super::{Digest, Letter, LogLetter, Look, Rendered};
use crate::mail::Inline;

/// Width of the text part in characters, as mail readers without line wrapping like it.
const TEXT_WIDTH: usize = 74;

/// Why a letter could not be rendered: a mistake in a template, never in a letter. It holds no text of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A template did not compile or asked for what the page does not have.
    #[error("the template {template} failed: {kind}")]
    Template {
        /// File name.
        template: &'static str,
        /// What went wrong.
        kind: ErrorKind,
        /// On which line, if it is known.
        line: Option<usize>,
    },
    /// The HTML template did not give valid MJML.
    #[error("letter.mjml did not give valid MJML")]
    Mjml,
}

const TEXT: &str = "letter.txt";
const MJML: &str = "letter.mjml";

/// The two templates of letters, compiled.
#[derive(Debug, Clone)]
pub struct Templates(Environment<'static>);

/// The embedded templates, compiled once.
static EMBEDDED: LazyLock<Result<Templates, RenderError>> = LazyLock::new(|| {
    let mut env = empty()?;
    for (name, source) in [(TEXT, EMBEDDED_TEXT), (MJML, EMBEDDED_MJML)] {
        env.add_template(name, source).map_err(broken(name))?;
    }
    Ok(Templates(env))
});

const EMBEDDED_TEXT: &str = include_str!("../../templates/letter.txt");
const EMBEDDED_MJML: &str = include_str!("../../templates/letter.mjml");

impl Templates {
    /// An organisation's own templates; what it leaves out is as built in.
    ///
    /// # Errors
    /// Every template that does not compile, with its file and what was found there.
    pub fn new(text: Option<&str>, mjml: Option<&str>) -> Result<Self, Vec<String>> {
        let mut env = empty().map_err(|error| vec![error.to_string()])?;
        let mut mistakes = Vec::new();
        for (name, own, built_in) in [(TEXT, text, EMBEDDED_TEXT), (MJML, mjml, EMBEDDED_MJML)] {
            let source = own.unwrap_or(built_in).to_owned();
            if let Err(error) = env.add_template_owned(name, source) {
                let line = error
                    .line()
                    .map_or_else(String::new, |line| format!("line {line}: "));
                let detail = error.detail().unwrap_or("no template");
                mistakes.push(format!("{name}: {line}{}: {detail}", error.kind()));
            }
        }
        if mistakes.is_empty() {
            Ok(Self(env))
        } else {
            Err(mistakes)
        }
    }
}

/// Filters and settings, no template.
fn empty() -> Result<Environment<'static>, RenderError> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|name| {
        if name == MJML {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    env.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(broken(TEXT))?,
    );
    env.add_filter("wrap", wrap);
    env.add_filter("underline", underline);
    env.add_filter("unbroken", unbroken);
    env.add_function("columns", columns);
    Ok(env)
}

/// Subject, text and HTML of a letter: the same bytes for the same letter, and both parts say the same.
///
/// # Errors
/// Only if a template is broken, see [`RenderError`]; tests render every kind of notice.
pub fn render(letter: &Letter, look: &Look) -> Result<Rendered, RenderError> {
    render_with(letter, look, embedded()?)
}

/// [`render`] with an organisation's templates.
///
/// # Errors
/// A template failed, see [`RenderError`].
pub fn render_with(letter: &Letter, look: &Look, templates: &Templates) -> Result<Rendered, RenderError> {
    rendered(page(letter, look), templates)
}

/// Subject, text and HTML of a digest.
///
/// # Errors
/// Only if a template is broken, see [`RenderError`]; tests render every kind of page.
pub fn render_digest(digest: &Digest, look: &Look) -> Result<Rendered, RenderError> {
    render_digest_with(digest, look, embedded()?)
}

/// [`render_digest`] with an organisation's templates.
///
/// # Errors
/// A template failed, see [`RenderError`].
pub fn render_digest_with(
    digest: &Digest,
    look: &Look,
    templates: &Templates,
) -> Result<Rendered, RenderError> {
    rendered(super::digest::page(digest, look), templates)
}

/// Subject, text and HTML of a letter about the log.
///
/// # Errors
/// Only if a template is broken, see [`RenderError`]; tests render every kind of page.
pub fn render_log_letter(letter: &LogLetter, look: &Look) -> Result<Rendered, RenderError> {
    render_log_letter_with(letter, look, embedded()?)
}

/// [`render_log_letter`] with an organisation's templates.
///
/// # Errors
/// A template failed, see [`RenderError`].
pub fn render_log_letter_with(
    letter: &LogLetter,
    look: &Look,
    templates: &Templates,
) -> Result<Rendered, RenderError> {
    rendered(super::record::page(letter, look), templates)
}

fn embedded() -> Result<&'static Templates, RenderError> {
    EMBEDDED.as_ref().map_err(|error| *error)
}

fn rendered(mut page: Page, templates: &Templates) -> Result<Rendered, RenderError> {
    let images = pictures(&mut page);
    let mjml = fill(templates, MJML, &page)?;
    // No web fonts: nothing in a letter is loaded from a remote host.
    let options = RenderOptions {
        disable_comments: true,
        social_icon_origin: None,
        fonts: HashMap::new(),
    };
    let html = mrml::parse(&mjml)
        .map_err(|_| RenderError::Mjml)?
        .element
        .render(&options)
        .map_err(|_| RenderError::Mjml)?;
    let text = fill(templates, TEXT, &page)?;
    Ok(Rendered {
        subject: page.subject.as_str().to_owned(),
        text: Phi::new(text),
        html: Phi::new(html),
        images,
    })
}

/// The pictures of a page. One that cannot be drawn is left out of the page too: its table says the same.
fn pictures(page: &mut Page) -> Vec<Inline> {
    let mut images = Vec::new();
    let blocks = page.items.iter_mut().flat_map(|item| &mut item.blocks);
    for block in blocks {
        if let Body::Series(series) = &mut block.body {
            series.picture = series.picture.take().and_then(|picture| {
                images.push(Inline {
                    cid: picture.cid.as_str().to_owned(),
                    alt: Phi::new(picture.alt.as_str().to_owned()),
                    png: picture.chart.png()?,
                });
                Some(picture)
            });
        }
    }
    images
}

fn fill(templates: &Templates, template: &'static str, page: &Page) -> Result<String, RenderError> {
    templates
        .0
        .get_template(template)
        .and_then(|it| {
            it.render(context! { page => Serde(page), light => Serde(LIGHT), dark => Serde(DARK) })
        })
        .map_err(broken(template))
}

fn broken(template: &'static str) -> impl Fn(minijinja::Error) -> RenderError {
    move |error| RenderError::Template {
        template,
        kind: error.kind(),
        line: error.line(),
    }
}

/// Breaks a line between words; further lines are indented by `indent` spaces. Of the first line `taken` columns are
/// used already, or just the indent.
fn wrap(text: &str, indent: usize, taken: Option<usize>) -> String {
    let mut out = String::new();
    let mut column = taken.unwrap_or(indent);
    for (n, word) in unbroken(text).split(' ').enumerate() {
        let width = word.chars().count();
        if n > 0 && column + 1 + width > TEXT_WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if n > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word.replace('\u{a0}', " "));
        column += width;
    }
    out
}

/// A percent sign stays with its number.
fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

/// A table of the text part: the head and the rows in columns, each as wide as its widest cell.
fn columns(head: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("  {}", padded.join("  ").trim_end())
    };
    let lines: Vec<String> = [&head].into_iter().chain(&rows).map(line).collect();
    lines.join("\n")
}

/// A heading of the text part: the line, and a rule below it.
fn underline(text: &str, rule: &str) -> String {
    let wrapped = wrap(text, 0, None);
    let width = wrapped
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default();
    format!("{wrapped}\n{}", rule.repeat(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_between_words_and_keep_their_indent() {
        let wrapped = wrap("word ".repeat(40).trim_end(), 4, Some(20));
        assert!(wrapped.lines().all(|line| line.chars().count() <= TEXT_WIDTH));
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("    word")));
        assert_eq!(wrap("short", 2, None), "short");
        assert!(wrapped.lines().next().unwrap().chars().count() <= TEXT_WIDTH - 20);
        let percent = wrap(&format!("{} 30 % of it", "x".repeat(70)), 0, None);
        assert!(percent.ends_with("\n30 % of it"), "{percent}");
    }

    #[test]
    fn a_heading_is_underlined_to_its_width() {
        assert_eq!(underline("Überfällig", "="), "Überfällig\n==========");
    }
}
