//! The configuration: every mistake at once, every value with its origin, no secret shown.

use crate::support::Desk;

#[test]
fn the_default_is_right_and_says_where_each_value_came_from() {
    let desk = Desk::new()
        .with("CAREBUS_SMTP__PORT", "2525")
        .with("NATS_URL", "nats://elsewhere:4222");
    desk.write(
        "c.toml",
        "org = \"acme\"\n[smtp]\nport = 25\nhost = \"mail.example\"\n",
    );
    desk.run("config check").succeeds();
    let shown = desk
        .run("config show --config c.toml --nats tls://flag:4222 --json")
        .succeeds()
        .json();
    let of = |key: &str| {
        let found = shown
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["key"] == key)
            .unwrap();
        (
            found["value"].as_str().unwrap().to_owned(),
            found["origin"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        of("nats.url"),
        ("tls://flag:4222".to_owned(), "--nats".to_owned())
    );
    assert_eq!(
        of("smtp.port"),
        ("2525".to_owned(), "environment CAREBUS_SMTP__PORT".to_owned())
    );
    assert_eq!(of("smtp.host"), ("mail.example".to_owned(), "c.toml".to_owned()));
    assert_eq!(of("mail.transport").1, "default");
    assert!(
        desk.run("config show")
            .succeeds()
            .out
            .contains("environment NATS_URL")
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let desk = Desk::new()
        .with("CAREBUS_SMTP__HOTS", "x")
        .with("CAREBUS_PRODUCTION", "maybe")
        .with("CAREBUS_NATS_SERVER", "/bin/true");
    desk.write(
        "policy.toml",
        "[rules]\ncauda_equina_new_days = 3\nenabled = [\"red-flag-fracture\"]\n",
    );
    desk.write(
        "c.toml",
        "org = \"ACME\"\npolicy = \"policy.toml\"\ncolour = \"red\"\n[nats]\nurl = \"http://x\"\ncreds = \"gone.creds\"\n\
         [mail]\ntransport = \"pigeon\"\n[smtp]\nport = \"587\"\ntls = \"maybe\"\n[log]\nformat = \"xml\"\n",
    );
    let says = [
        "12 mistake(s)",
        "environment CAREBUS_SMTP__HOTS: there is no key smtp.hots",
        "environment CAREBUS_PRODUCTION: expected true or false",
        "c.toml: org: expected 1 to 32",
        "policy.toml: rules.cauda_equina_new_days: expected at least 14",
        "policy.toml: rules.enabled: `red-flag-fracture` is no rule that is off by default, expected any of \
         caution-epilepsy, payer-cap-cms, nsaid-otc-10-days",
        "c.toml: colour: unknown key, expected one of name, org",
        "c.toml: nats.url: expected nats://host:port",
        "c.toml: nats.creds: there is no file gone.creds",
        "c.toml: mail.transport: expected one of \"directory\", \"smtp\", \"memory\"",
        "c.toml: smtp.port: expected a whole number",
        "c.toml: smtp.tls: expected one of",
        "c.toml: log.format: expected one of \"text\", \"json\"",
    ];
    desk.run("config check --config c.toml").fails(78, &says);
    // The same for every command that needs a configuration.
    desk.run("up --config c.toml").fails(78, &says);
}

#[test]
fn production_asks_for_a_mail_server() {
    let desk = Desk::new();
    desk.write("c.toml", "production = true\n");
    desk.run("up --org acme --config c.toml")
        .fails(78, &["mail.transport: production = true asks for \"smtp\""]);
    desk.write("c.toml", "production = true\n[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"10.0.0.1\"\ntls = \"none\"\nuser = \"carebus\"\n");
    let says = [
        "3 mistake(s)",
        "only mail for this machine",
        "user and password_file together",
        "never sent in clear",
    ];
    desk.run("config check --config c.toml").fails(78, &says);
}

#[test]
fn secrets_are_neither_taken_from_addresses_nor_shown() {
    let desk = Desk::new();
    let ended = desk.run("config check --nats nats://carebus:hunter2@localhost:4222");
    ended.fails(78, &["credentials belong into a file"]);
    assert!(!ended.err.contains("hunter2"));
    desk.write(
        "c.toml",
        "[nats]\nurl = \"nats://localhost:4222\"\n[smtp]\npassword = \"hunter2\"\n",
    );
    let ended = desk.run("config show --config c.toml");
    ended.fails(
        78,
        &[
            "smtp.password: unknown key, expected one of",
            "smtp.password_file",
        ],
    );
    assert!(!ended.err.contains("hunter2"));
    desk.write("c.toml", "[nats\nurl = \"hunter2\"\n");
    let ended = desk.run("config show --config c.toml");
    ended.fails(78, &["not TOML"]);
    assert!(!ended.err.contains("hunter2"));
}

#[test]
fn a_secret_that_everybody_can_read_is_warned_of_and_refused_in_production() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.write("node.nk", "SUnone");
    let open_to = |mode: u32| {
        std::fs::set_permissions(desk.path("node.nk"), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let mail = "[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"mail.example\"\n";
    let trying = "[nats]\nnkey = \"node.nk\"\n";
    for (mode, is_open) in [
        (0o644, true),
        (0o604, true),
        (0o602, true),
        (0o640, false),
        (0o600, false),
        (0o400, false),
    ] {
        open_to(mode);
        desk.write("c.toml", trying);
        let ended = desk.run("config check --config c.toml").succeeds();
        let says = ended.err.contains("nats.nkey")
            && ended.err.contains("open to everybody")
            && ended.err.contains("chmod 600");
        assert_eq!(says, is_open, "{mode:o}: {ended:?}");
        assert!(!ended.err.contains("SUnone"));
        desk.write("c.toml", &format!("production = true\n{mail}{trying}"));
        let ended = desk.run("config check --config c.toml");
        if is_open {
            ended.fails(
                78,
                &["1 mistake(s)", "node.nk holds a secret and is open to everybody"],
            );
        } else {
            ended.succeeds();
        }
    }
}

#[test]
fn what_the_service_manager_hands_over_is_found_by_its_bare_name() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("credentials")).unwrap();
    let desk_with = |directory: &str| Desk::new().with("CREDENTIALS_DIRECTORY", directory);
    let given = desk.path("credentials");
    let other = desk_with(given.to_str().unwrap());
    std::fs::write(given.join("smtp-password"), "hunter2\n").unwrap();
    let smtp = "[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"mail.example\"\nuser = \"carebus\"\n";
    other.write("c.toml", &format!("{smtp}password_file = \"smtp-password\"\n"));
    let ended = other.run("config show --config c.toml").succeeds();
    assert!(!format!("{ended:?}").contains("hunter2"));
    // A path is a path.
    other.write("c.toml", &format!("{smtp}password_file = \"./smtp-password\"\n"));
    other
        .run("config show --config c.toml")
        .fails(78, &["smtp.password_file: there is no file"]);
    // Without a service manager a bare name counts from the file, as ever.
    desk.write("c.toml", &format!("{smtp}password_file = \"smtp-password\"\n"));
    desk.run("config show --config c.toml")
        .fails(78, &["smtp.password_file: there is no file"]);
}

#[test]
fn production_asks_for_tls_and_a_credential_to_a_server_elsewhere() {
    let desk = Desk::new();
    let mail = "production = true\n[mail]\ntransport = \"smtp\"\n[smtp]\nhost = \"mail.example\"\n[nats]\n";
    desk.write(
        "c.toml",
        &format!("{mail}url = \"nats://127.0.0.1,nats://nats.example\"\nplaintext = true\n"),
    );
    desk.run("config check --config c.toml").fails(
        78,
        &[
            "2 mistake(s)",
            "nats.plaintext: production = true asks for TLS",
            "one of creds, nkey and user_password",
        ],
    );
    desk.write("c.toml", mail);
    desk.run("config check --config c.toml").succeeds();
}

#[test]
fn the_usual_file_is_found_and_another_may_be_named() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path(".config/carebus")).unwrap();
    desk.write(".config/carebus/config.toml", "name = \"from-home\"\n");
    assert!(desk.run("config show").succeeds().out.contains("from-home"));
    desk.write("other.toml", "name = \"other\"\n");
    assert!(
        !desk
            .run("config show -c other.toml")
            .succeeds()
            .out
            .contains("from-home")
    );
}

#[test]
fn an_organisations_own_templates_are_checked_with_everything_else() {
    let desk = Desk::new();
    desk.write("c.toml", "[mail]\ntemplates = \"own\"\n");
    desk.run("config check --config c.toml")
        .fails(78, &["c.toml: mail.templates: own: "]);
    std::fs::create_dir(desk.path("own")).unwrap();
    desk.write(
        "own/words.toml",
        "greeting = \"Hello\"\n[rules.odi-worse]\nadvice = \"Telephone.\"\n",
    );
    desk.run("config check --config c.toml").succeeds();
    desk.write(
        "own/words.toml",
        "greating = \"Hello\"\n[rules.odi-wrose]\nadvice = \"Telephone.\"\n",
    );
    desk.write("own/letter.txt", "{{ page.nothing }}");
    desk.write("own/leter.mjml", "<mjml></mjml>");
    let says = [
        "3 mistake(s)",
        "own/words.toml: greating: unknown key",
        "own/words.toml: rules.odi-wrose: there is no such rule",
        "own/leter.mjml: unknown file",
    ];
    desk.run("config check --config c.toml").fails(78, &says);
    desk.write("own/words.toml", "");
    desk.run("up --config c.toml").fails(
        78,
        &[
            "2 mistake(s)",
            "own/letter.txt: line 1: undefined value",
            "own/leter.mjml: unknown file",
        ],
    );
}
