//! A page through the templates: minijinja writes the text and the MJML, mrml makes HTML of the MJML.

use std::collections::HashMap;
use std::sync::LazyLock;

use care::phi::Phi;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use mrml::prelude::render::RenderOptions;

use super::layout::page;
use super::page::Page;
use super::palette::{DARK, LIGHT};
use super::{Digest, Letter, Look, Rendered};

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
    },
    /// The HTML template did not give valid MJML.
    #[error("letter.mjml did not give valid MJML")]
    Mjml,
}

const TEXT: &str = "letter.txt";
const MJML: &str = "letter.mjml";

/// The embedded templates, compiled once.
static TEMPLATES: LazyLock<Result<Environment<'static>, RenderError>> = LazyLock::new(|| {
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
    for (name, source) in [
        (TEXT, include_str!("../../templates/letter.txt")),
        (MJML, include_str!("../../templates/letter.mjml")),
    ] {
        env.add_template(name, source).map_err(broken(name))?;
    }
    Ok(env)
});

/// Subject, text and HTML of a letter: the same bytes for the same letter, and both parts say the same.
///
/// # Errors
/// Only if a template is broken, see [`RenderError`]; tests render every kind of notice.
pub fn render(letter: &Letter, look: &Look) -> Result<Rendered, RenderError> {
    rendered(&page(letter, look))
}

/// Subject, text and HTML of a digest.
///
/// # Errors
/// Only if a template is broken, see [`RenderError`]; tests render every kind of page.
pub fn render_digest(digest: &Digest, look: &Look) -> Result<Rendered, RenderError> {
    rendered(&super::digest::page(digest, look))
}

fn rendered(page: &Page) -> Result<Rendered, RenderError> {
    let mjml = fill(MJML, page)?;
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
    let text = fill(TEXT, page)?;
    Ok(Rendered {
        subject: page.subject.as_str().to_owned(),
        text: Phi::new(text),
        html: Phi::new(html),
    })
}

fn fill(template: &'static str, page: &Page) -> Result<String, RenderError> {
    let env = TEMPLATES.as_ref().map_err(|error| *error)?;
    env.get_template(template)
        .and_then(|it| {
            it.render(context! { page => Serde(page), light => Serde(LIGHT), dark => Serde(DARK) })
        })
        .map_err(broken(template))
}

fn broken(template: &'static str) -> impl Fn(minijinja::Error) -> RenderError {
    move |error| RenderError::Template {
        template,
        kind: error.kind(),
    }
}

/// Breaks a line between words; further lines are indented by `indent` spaces, as is the first if the template does so.
fn wrap(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut column = indent;
    for (n, word) in text.split(' ').enumerate() {
        let width = word.chars().count();
        if n > 0 && column + 1 + width > TEXT_WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if n > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// A heading of the text part: the line, and a rule below it.
fn underline(text: &str, rule: &str) -> String {
    let wrapped = wrap(text, 0);
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
        let wrapped = wrap("word ".repeat(40).trim_end(), 4);
        assert!(wrapped.lines().all(|line| line.chars().count() <= TEXT_WIDTH));
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("    word")));
        assert_eq!(wrap("short", 2), "short");
    }

    #[test]
    fn a_heading_is_underlined_to_its_width() {
        assert_eq!(underline("Überfällig", "="), "Überfällig\n==========");
    }
}
