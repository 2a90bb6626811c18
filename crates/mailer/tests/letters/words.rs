//! The words a person reads in each part of a mail, to compare the two.

/// The words a reader of the HTML sees, without what the two parts use to show structure.
pub(crate) fn visible_words(html: &str) -> Vec<String> {
    let body = html.split_once("<body").unwrap().1.split_once('>').unwrap().1;
    // The preview line of the inbox repeats the action and is hidden in the letter.
    let body = match body.split_once("display:none") {
        Some((before, hidden)) => format!(
            "{} {}",
            before.rsplit_once('<').unwrap().0,
            hidden.split_once("</div>").unwrap().1
        ),
        None => body.to_owned(),
    };
    let mut text = String::new();
    let mut rest = body.as_str();
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(if tag.starts_with("span class=\"colon\"") {
            '\0'
        } else {
            ' '
        });
        // A link's target is content: the text part spells it out.
        if let Some(target) = tag.strip_prefix("a class=\"link\" href=\"") {
            text.push_str(&format!(" {} ", target.split_once('"').unwrap().0));
        }
        rest = tag.split_once('>').unwrap().1;
    }
    words(&decoded(&text.replace('\0', "")))
}

fn decoded(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}

/// Words without brackets round a badge, rules under headings, and the numbers a browser gives to a list.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .filter(|word| {
            !(word.ends_with('.') && word.trim_end_matches('.').parse::<u32>().is_ok_and(|n| n < 10))
        })
        .map(|word| word.trim_matches(['[', ']']).to_owned())
        .collect()
}
