//! An organisation's own words and templates: a value made of texts, checked whole before anybody is told anything.

mod check;
mod samples;
mod words;

use care::Policy;
use care::id::RuleId;

use crate::letter::{
    Digest, Letter, LogLetter, Look, RenderError, Rendered, Templates, render, render_digest,
    render_digest_with, render_log_letter, render_log_letter_with, render_with,
};
use words::Words;

/// The texts of an organisation, each as read from its file; none: as built in.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// `letter.txt`: the text part.
    pub text: Option<String>,
    /// `letter.mjml`: the HTML part.
    pub mjml: Option<String>,
    /// `words.toml`: names, lines and advice.
    pub words: Option<String>,
}

/// The files of a directory of templates, and no others.
pub const FILES: [&str; 3] = ["letter.txt", "letter.mjml", "words.toml"];

/// Words and templates that were checked.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    words: Words,
    templates: Option<Templates>,
}

impl Wording {
    /// Reads and checks everything: templates compile and render every kind of letter, keys are known, and no text
    /// makes a claim that must not be made. `is_rule` knows the ids of the catalogue.
    ///
    /// # Errors
    /// Every mistake, each with its file.
    pub fn read(files: &Files, is_rule: impl Fn(&str) -> bool) -> Result<Self, Vec<String>> {
        let mut mistakes = check::claims(files);
        let words = files.words.as_deref().map(|text| Words::read(text, is_rule));
        let words = match words.transpose() {
            Ok(words) => words.unwrap_or_default(),
            Err(found) => {
                mistakes.extend(found);
                Words::default()
            }
        };
        let mut wording = Self {
            words,
            templates: None,
        };
        if files.text.is_some() || files.mjml.is_some() {
            match Templates::new(files.text.as_deref(), files.mjml.as_deref()) {
                Ok(templates) => wording.templates = Some(templates),
                Err(found) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() {
            mistakes = check::letters(&wording);
        }
        if mistakes.is_empty() {
            Ok(wording)
        } else {
            Err(mistakes)
        }
    }

    /// How letters look; what the words leave out comes from the policy.
    pub(crate) fn look(&self, policy: &Policy) -> Look {
        let words = &self.words;
        let organisation = words.organisation.clone();
        let desk = words.replies_reach.clone();
        Look {
            organisation: organisation.unwrap_or_else(|| policy.mail.from_name.clone()),
            replies_reach: (!policy.mail.reply_to.is_empty())
                .then(|| desk.unwrap_or_else(|| "the care coordination desk".to_owned())),
            greeting: words.greeting.clone(),
            footer: words.footer.clone(),
            emergency_phone: words.emergency_phone.clone(),
        }
    }

    /// What the organisation advises beside the alerts of a rule.
    pub(crate) fn advice(&self, rule: &RuleId) -> Option<&str> {
        self.words.advice.get(rule.as_str()).map(String::as_str)
    }

    /// A letter in these templates. Should they fail on a letter that no sample was like, the built-in ones carry it.
    pub(crate) fn render(&self, letter: &Letter, look: &Look) -> Result<Rendered, RenderError> {
        let own = self.templates.as_ref();
        own.and_then(|templates| render_with(letter, look, templates).ok())
            .map_or_else(|| render(letter, look), Ok)
    }

    /// A digest in these templates, or in the built-in ones.
    pub(crate) fn render_digest(&self, digest: &Digest, look: &Look) -> Result<Rendered, RenderError> {
        let own = self.templates.as_ref();
        own.and_then(|templates| render_digest_with(digest, look, templates).ok())
            .map_or_else(|| render_digest(digest, look), Ok)
    }

    /// A letter about the log in these templates, or in the built-in ones.
    pub(crate) fn render_log_letter(&self, letter: &LogLetter, look: &Look) -> Result<Rendered, RenderError> {
        let own = self.templates.as_ref();
        own.and_then(|templates| render_log_letter_with(letter, look, templates).ok())
            .map_or_else(|| render_log_letter(letter, look), Ok)
    }
}
