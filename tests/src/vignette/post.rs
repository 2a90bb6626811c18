//! The mail server of a vignette: it answers each mail as the story says.

use std::cell::RefCell;
use std::rc::Rc;

use mailer::{Delivery, Mail};

/// How the mail server answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// It takes everything.
    #[default]
    Takes,
    /// It says "not now", with this code.
    Defers(u16),
    /// It refuses this address and takes the rest.
    Refuses(String),
    /// The line breaks after the last dot.
    BreaksOff,
}

/// The one mail server, shared between the story and the simulation.
#[derive(Debug, Clone, Default)]
pub(super) struct MailServer(Rc<RefCell<Mood>>);

impl MailServer {
    pub(super) fn is_now(&self, mood: Mood) {
        *self.0.borrow_mut() = mood;
    }

    /// The answers, for [`engine::Simulation::deliver_with`].
    pub(super) fn answers(&self) -> impl FnMut(&Mail) -> Delivery + 'static {
        let mood = Rc::clone(&self.0);
        move |mail| match &*mood.borrow() {
            Mood::Defers(code) => Delivery::Deferred { reply: Some(*code) },
            Mood::Refuses(email) if mail.to.expose() == email => Delivery::Rejected { reply: Some(550) },
            Mood::BreaksOff => Delivery::Unknown,
            Mood::Takes | Mood::Refuses(_) => Delivery::Sent { reply: Some(250) },
        }
    }
}
