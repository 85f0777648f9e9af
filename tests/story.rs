//! A pull request from end to end, in a real repository with the shipped packs: what is
//! there is accepted, what is new fails, a reason passes it until its day, a fix ends it.

use std::process::Command;

mod common;

use common::{Outcome, Stage};

const SETTINGS: &str = r#"packs = ["civil-service-code", "platforms"]
fail_on = "warning"
baseline = "probity-baseline.json"

[facts]
kind = "post"
account = "official"
platform = "x"
department = "Defra"
as_of = "2026-11-22"
"#;

const OLD: &str = "# Old news\n\nVote for the Labour Party at the next election. \u{1f600}\n";
const NEW: &str = "---\ntitle: Flood week\n---\n\nA caf\u{301}e in every town hall.\r\n\r\n\
                   \u{1f30a} Be ready. #floodwarningservice\r\n";

struct Repository(Stage);

impl Repository {
    fn git(&self, args: &[&str]) {
        let done = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(args)
            .current_dir(self.0.work())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "change"]);
    }

    fn check(&self, args: &[&str]) -> Outcome {
        self.0.run(&[&["check", "--format", "concise"], args].concat())
    }
}

#[test]
fn a_pull_request_goes_through() {
    let repository = Repository(Stage::new());
    let stage = &repository.0;
    repository.git(&["init", "-q", "-b", "main"]);
    stage.write("probity.toml", SETTINGS.replace("baseline", "# baseline"));
    stage.write("posts/old.md", OLD);

    // What is there today is accepted; the settings name the file that says so.
    let before = repository.check(&["posts"]);
    assert_eq!(before.exit, Some(1), "{}", before.all());
    assert!(before.stdout.contains("posts/old.md:3:"), "{}", before.stdout);
    let accepted = stage.run(&["baseline", "posts", "--reason", "before we began"]);
    assert_eq!(accepted.exit, Some(0), "{}", accepted.all());
    stage.write("probity.toml", SETTINGS);
    let clean = repository.check(&["posts"]);
    assert_eq!(clean.exit, Some(0), "{}", clean.all());
    repository.commit();

    // A branch brings something new: it fails, at its line, and nothing old does.
    repository.git(&["checkout", "-q", "-b", "news"]);
    stage.write("posts/new.md", NEW);
    stage.write("posts/old.md", format!("{OLD}\nMore to come.\n"));
    repository.commit();
    for args in [&["posts"][..], &["--diff", "main"][..]] {
        let failing = repository.check(args);
        assert_eq!(failing.exit, Some(1), "{}", failing.all());
        let lines: Vec<&str> = failing.stdout.lines().collect();
        assert_eq!(lines.len(), 1, "{}", failing.all());
        let place = "posts/new.md:7:13: warning[a11y/hashtag-camel-case]";
        assert!(lines[0].starts_with(place), "{}", failing.stdout);
    }

    // A reason passes it, until its day is over.
    let comment = "\u{1f30a} Be ready. #floodwarningservice <!-- probity: allow \
                   a11y/hashtag-camel-case -- name of the service (until: 2026-12-01) -->";
    let with_reason = NEW.replace("\u{1f30a} Be ready. #floodwarningservice", comment);
    stage.write("posts/new.md", with_reason);
    let passing = repository.check(&["posts"]);
    assert_eq!(passing.exit, Some(0), "{}", passing.all());
    let late = repository.check(&["posts", "--set", "as_of=2026-12-02"]);
    assert_eq!(late.exit, Some(1), "{}", late.all());
    assert!(late.stdout.contains("suppress/expired"), "{}", late.stdout);
    assert!(late.stdout.contains("a11y/hashtag-camel-case"), "{}", late.stdout);

    // The fix ends it, and changes nothing but the words.
    stage.write("posts/new.md", NEW);
    let fixed = repository.check(&["posts", "--fix"]);
    assert_eq!(fixed.exit, Some(0), "{}", fixed.all());
    let expected = NEW.replace("#floodwarningservice", "#FloodWarningService");
    assert_eq!(stage.read("posts/new.md"), expected);
    repository.commit();
    assert_eq!(repository.check(&["posts"]).exit, Some(0));

    // What is mended in the old text is told, and taken out of the baseline.
    stage.write("posts/old.md", "# Old news\n\nNothing to see.\n");
    let stale = repository.check(&["posts"]);
    assert_eq!(stale.exit, Some(0), "{}", stale.all());
    assert!(stale.all().contains("is not there any more"), "{}", stale.all());
    assert_eq!(stage.run(&["baseline", "posts", "--prune"]).exit, Some(0));
    let pruned = repository.check(&["posts"]);
    assert!(!pruned.all().contains("not there any more"), "{}", pruned.all());
}
