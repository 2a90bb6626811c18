//! A page as it stands in the file: title, free text, settings, and dated lines with their arrows.

use super::arrows;

/// Words that begin a line of settings.
pub(super) const SETTINGS: [&str; 6] = ["Zone", "Year", "Policy", "Show", "Calendar", "Plan"];

/// One sentence and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    /// Line in the file, from 1.
    pub(super) number: usize,
    /// Without its date.
    pub(super) text: String,
}

/// Something that happened, and what is written about what followed. The first step is the setting itself.
#[derive(Debug)]
pub(super) struct Step {
    /// Line in the file, from 1.
    pub(super) number: usize,
    /// `Mon 06-01 10:00`; empty for the setting.
    pub(super) when: String,
    /// What happened.
    pub(super) sentences: Vec<Sentence>,
    /// What followed, as written; none if there is no arrow, empty for `(silence)`.
    pub(super) expected: Option<Vec<String>>,
    /// The lines that the arrows take up or would, from 0.
    arrows: std::ops::Range<usize>,
}

impl Step {
    /// Whether it is a line of the story rather than its setting.
    pub(super) const fn is_dated(&self) -> bool {
        !self.when.is_empty()
    }
}

/// A file.
#[derive(Debug)]
pub(super) struct Page {
    raw: Vec<String>,
    /// Settings that are no facts: zone, year, policy, what to show.
    pub(super) settings: Vec<Sentence>,
    /// The setting, then every dated line.
    pub(super) steps: Vec<Step>,
}

impl Page {
    /// Reads a file.
    ///
    /// # Errors
    /// `<line>: what was expected`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let raw: Vec<String> = text.lines().map(str::to_owned).collect();
        if !raw.first().is_some_and(|line| line.starts_with("# ")) {
            return Err("1: expected a title, `# …`".to_owned());
        }
        let mut page = Self {
            raw,
            settings: Vec::new(),
            steps: vec![Step::setting()],
        };
        let mut in_settings = false;
        for at in 1..page.raw.len() {
            let line = page.raw[at].trim_end().to_owned();
            let is_first = page.raw[at - 1].trim().is_empty();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(arrow) = arrows::read(&line) {
                page.arrow(at, arrow)?;
            } else if let Some((when, text)) = dated(&line) {
                page.steps.push(Step::dated(at, when, text));
            } else if line.starts_with(' ') {
                page.continued(at, line.trim())?;
            } else if page.steps.len() > 1 {
                return Err(format!("{}: expected `Mon 06-01 10:00  what happened`", at + 1));
            } else {
                in_settings = if is_first {
                    SETTINGS.contains(&first_word(&line))
                } else {
                    in_settings
                };
                page.head(at, &line, in_settings)?;
            }
        }
        if page.steps.len() == 1 {
            return Err(format!("{}: nothing happens", page.raw.len()));
        }
        Ok(page)
    }

    /// The file, line by line.
    pub(super) fn lines(&self) -> &[String] {
        &self.raw
    }

    /// A line before the story: a setting, a fact of the setting, or free text.
    fn head(&mut self, at: usize, line: &str, in_settings: bool) -> Result<(), String> {
        if !in_settings {
            return Ok(());
        }
        let sentence = Sentence {
            number: at + 1,
            text: line.to_owned(),
        };
        match first_word(line) {
            "Calendar" | "Plan" => self.steps[0].sentences.push(sentence),
            word if SETTINGS.contains(&word) => self.settings.push(sentence),
            _ => return Err(format!("{}: expected one of {}", at + 1, SETTINGS.join(", "))),
        }
        let step = &mut self.steps[0];
        step.number = at + 1;
        step.arrows = at + 1..at + 1;
        Ok(())
    }

    fn arrow(&mut self, at: usize, arrow: &str) -> Result<(), String> {
        let Some(step) = self.steps.last_mut() else {
            return Ok(());
        };
        if step.arrows.end != at {
            return Err(format!(
                "{}: expected the arrows right below what they follow from",
                at + 1
            ));
        }
        step.arrows.end = at + 1;
        let expected = step.expected.get_or_insert_with(Vec::new);
        if arrow != arrows::SILENCE {
            expected.push(arrow.to_owned());
        }
        Ok(())
    }

    /// An indented line: more of the arrow above it, or of the sentence.
    fn continued(&mut self, at: usize, text: &str) -> Result<(), String> {
        let misplaced = format!("{}: expected an arrow or a date before this", at + 1);
        let step = self
            .steps
            .last_mut()
            .filter(|step| step.arrows.end == at)
            .ok_or(misplaced.clone())?;
        step.arrows.end = at + 1;
        let whole = match &mut step.expected {
            Some(expected) => expected.last_mut(),
            None => {
                step.arrows.start = at + 1;
                step.sentences.last_mut().map(|sentence| &mut sentence.text)
            }
        };
        let whole = whole.ok_or(misplaced)?;
        whole.push(' ');
        whole.push_str(text);
        Ok(())
    }

    /// The file with other arrows.
    pub(super) fn with_arrows(&self, got: &[Option<Vec<String>>]) -> String {
        let mut lines = self.raw.clone();
        for (step, got) in self.steps.iter().zip(got).rev() {
            let new = got
                .as_deref()
                .map(|got| arrows::lines(got, step.is_dated()))
                .unwrap_or_default();
            lines.splice(step.arrows.clone(), new);
        }
        lines.join("\n") + "\n"
    }
}

impl Step {
    const fn setting() -> Self {
        Self {
            number: 1,
            when: String::new(),
            sentences: Vec::new(),
            expected: None,
            arrows: 1..1,
        }
    }

    fn dated(at: usize, when: &str, text: &str) -> Self {
        let sentence = Sentence {
            number: at + 1,
            text: text.to_owned(),
        };
        Self {
            number: at + 1,
            when: when.to_owned(),
            sentences: vec![sentence],
            expected: None,
            arrows: at + 1..at + 1,
        }
    }
}

fn first_word(line: &str) -> &str {
    line.split([' ', ':']).next().unwrap_or_default()
}

/// `Mon 06-01 10:00  what happened`, taken apart.
fn dated(line: &str) -> Option<(&str, &str)> {
    const DAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];
    let is_day = DAYS.iter().any(|day| line.starts_with(day));
    let (when, text) = line.split_once("  ").filter(|_| is_day)?;
    Some((when, text.trim()))
}
