//! The pictures of a letter: each is in the mail, and says what its table says.

use mailer::letter::{Notice, render};

use crate::words::words;
use crate::{cases, reports};

#[test]
fn every_picture_the_html_shows_is_in_the_mail_and_says_the_numbers_of_its_table() {
    let mut shown = 0;
    for (name, letter) in cases::all() {
        let rendered = render(&letter, &cases::look()).unwrap();
        let html = rendered.html.expose();
        assert_eq!(html.matches("cid:").count(), rendered.images.len(), "{name}");
        let in_text = words(rendered.text.expose());
        for image in &rendered.images {
            shown += 1;
            assert!(html.contains(&format!("src=\"cid:{}\"", image.cid)), "{name}");
            assert!(
                html.contains(&format!("alt=\"{}\"", image.alt.expose())),
                "{name}"
            );
            assert_eq!(image.png[1..4], *b"PNG");
            assert!(image.png.len() < 60_000, "{name}: {} bytes", image.png.len());
            for number in image
                .alt
                .expose()
                .split([' ', ','])
                .filter(|w| w.parse::<f64>().is_ok())
            {
                assert!(in_text.iter().any(|word| word == number), "{name}: {number}");
            }
        }
    }
    assert!(shown > 10, "{shown}");
}

#[test]
fn the_words_of_a_picture_are_the_values_in_order() {
    let letter = cases::letter(Notice::Report(Box::new(reports::all().swap_remove(0).1)));
    let rendered = render(&letter, &cases::look()).unwrap();
    let alts: Vec<&str> = rendered.images.iter().map(|i| i.alt.expose().as_str()).collect();
    assert_eq!(alts, ["Oswestry 42 %, 35.6 %, 30 %", "Pain 70 mm, 66 mm, 49 mm"]);
}

#[test]
fn two_reports_in_one_letter_have_pictures_of_their_own() {
    let mut letter = cases::letter(Notice::Report(Box::new(reports::all().swap_remove(0).1)));
    let mut second = reports::diary();
    second.report_id = "another".into();
    letter.more = vec![Notice::Report(Box::new(second))];
    let rendered = render(&letter, &cases::look()).unwrap();
    let mut cids: Vec<&str> = rendered.images.iter().map(|i| i.cid.as_str()).collect();
    cids.sort_unstable();
    cids.dedup();
    assert_eq!(cids.len(), 4);
    let bytes: usize = rendered.images.iter().map(|i| i.png.len()).sum();
    assert!(bytes < 240_000, "{bytes}");
}

#[test]
fn a_picture_keeps_its_values_out_of_debug_output() {
    let letter = cases::letter(Notice::Report(Box::new(reports::all().swap_remove(0).1)));
    let rendered = render(&letter, &cases::look()).unwrap();
    assert!(!format!("{:?}", rendered.images).contains("35.6"));
}
