//! Files and headers: a policy, an organisation's words, and the header block of a stored message.

use care::Policy;
use mailer::Wording;
use mailer::wording::Files;

/// A header block that anybody may have written.
///
/// # Panics
/// When something does not hold.
pub fn headers(data: &[u8]) {
    for (name, value) in bus::headers_of(data) {
        assert!(!name.contains(['\n', ':']), "{name:?}");
        assert!(!value.contains('\n') && value.trim() == value, "{value:?}");
    }
}

/// A policy file: it is one, and stays one, or every mistake is a sentence.
///
/// # Panics
/// When something does not hold.
pub fn policy(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Policy::parse(&text) {
        Ok(policy) => assert_eq!(Policy::parse(&text).map(|p| p.hash()).ok(), Some(policy.hash())),
        Err(bad) => {
            assert!(!bad.0.is_empty());
            assert!(bad.0.iter().all(|mistake| !mistake.trim().is_empty()));
        }
    }
}

/// An organisation's own letter and words, checked as at the start of a node.
///
/// # Panics
/// When something does not hold.
pub fn wording(data: &[u8]) {
    let mut texts = super::texts(data).into_iter();
    let files = Files {
        text: texts.next(),
        mjml: None,
        words: texts.next(),
    };
    if let Err(mistakes) = Wording::read(&files, |id| triggers::rule(id).is_some()) {
        assert!(!mistakes.is_empty() && mistakes.iter().all(|mistake| !mistake.trim().is_empty()));
    }
}
