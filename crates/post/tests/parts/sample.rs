//! A mail to send.

use care::phi::Phi;
use care::time::Timestamp;
use mailer::Mail;

/// A routine mail without an invitation.
pub(crate) fn mail(notice_id: &str) -> Mail {
    Mail {
        notice_id: notice_id.to_owned(),
        message_id: format!("{notice_id}@clinic.example"),
        thread_root: Some("patient-7@clinic.example".to_owned()),
        to_name: Some(Phi::new("Dr. Ada Okafor".to_owned())),
        to: Phi::new("ada.okafor@clinic.example".to_owned()),
        from_name: "carebus".to_owned(),
        from: "carebus@clinic.example".to_owned(),
        reply_to: Some("desk@clinic.example".to_owned()),
        date: "2026-06-01T08:00:00Z".parse::<Timestamp>().expect("a timestamp"),
        subject: "Something waits in carebus".to_owned(),
        text: Phi::new("One thing to do.\n.\nA line after a lone dot.\n".to_owned()),
        html: Phi::new("<p>One thing to do – today.</p>".to_owned()),
        images: Vec::new(),
        invitation: None,
        urgent: false,
        attempt: 1,
    }
}
