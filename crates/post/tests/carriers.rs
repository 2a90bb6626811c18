//! The carriers that need no server: a folder and memory.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "parts/sample.rs"]
mod sample;

use care::phi::Phi;
use post::mime::compose;
use post::{DirectoryCarrier, MemoryCarrier, Outcome, Post};
use sample::mail;

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_holds_one_private_file_per_notice_however_often_it_is_sent() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("mail").join("out");
    let post = Post::Directory(DirectoryCarrier::new(&folder));
    assert!(post.resend_is_harmless());
    for id in ["n-1", "n-2", "n-1"] {
        assert_eq!(post.send(&mail(id)).await, Outcome::Sent { reply: 250 });
    }
    assert_eq!(names(&folder), ["n-1.eml", "n-2.eml"]);
    assert_eq!(
        std::fs::read(folder.join("n-1.eml")).unwrap(),
        compose(&mail("n-1")).unwrap()
    );
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("n-1.eml"))), (0o700, 0o600));
}

#[tokio::test]
async fn many_sends_of_one_notice_at_once_leave_one_whole_file() {
    let home = tempfile::tempdir().unwrap();
    let carrier = Post::Directory(DirectoryCarrier::new(home.path()));
    let mail = mail("n-1");
    let (a, b, c) = tokio::join!(carrier.send(&mail), carrier.send(&mail), carrier.send(&mail));
    assert_eq!([a, b, c], [const { Outcome::Sent { reply: 250 } }; 3]);
    assert_eq!(names(home.path()), ["n-1.eml"]);
}

#[tokio::test]
async fn a_notice_id_does_not_lead_out_of_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("out");
    let post = Post::Directory(DirectoryCarrier::new(&folder));
    assert_eq!(
        post.send(&mail("../../escaped")).await,
        Outcome::Sent { reply: 250 }
    );
    assert_eq!(names(home.path()), ["out"]);
    assert_eq!(names(&folder).len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_our_own_fault() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let post = Post::Directory(DirectoryCarrier::new(file.join("out")));
    let outcome = post.send(&mail("n-1")).await;
    assert!(
        matches!(&outcome, Outcome::OwnFault { reply: None, hint } if hint.contains("folder")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn memory_remembers_mail_and_bytes_in_order() {
    let memory = MemoryCarrier::new();
    let post = Post::Memory(memory.clone());
    assert!(post.resend_is_harmless());
    for id in ["n-1", "n-2"] {
        assert_eq!(post.send(&mail(id)).await, Outcome::Sent { reply: 250 });
    }
    let posted = memory.posted();
    assert_eq!(
        posted
            .iter()
            .map(|one| one.mail.notice_id.as_str())
            .collect::<Vec<_>>(),
        ["n-1", "n-2"]
    );
    assert_eq!(posted[0].bytes, compose(&mail("n-1")).unwrap());
    assert!(!format!("{posted:?}").contains("okafor"));
}

#[tokio::test]
async fn a_bad_recipient_is_rejected_and_a_bad_sender_is_our_own_fault() {
    let post = Post::Memory(MemoryCarrier::new());
    let mut to = mail("n-1");
    to.to = Phi::new("nobody".into());
    assert_eq!(post.send(&to).await, Outcome::Rejected { reply: None });
    let mut from = mail("n-1");
    from.from = "nobody".into();
    assert!(matches!(
        post.send(&from).await,
        Outcome::OwnFault { reply: None, .. }
    ));
}
