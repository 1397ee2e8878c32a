//! The classes of secrets, the texts that must pass, and what holds for any text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::Redactor;

/// Texts of a shop at work. None of them holds anything to hide.
pub(super) const INNOCENT: &[&str] = &[
    "2026-11-25T05:56:53Z",
    "2026-11-25T05:56:53.123456789+01:00",
    "1764050213000",
    "1764050213000000000",
    "9f8e4111-1111-4111-8111-111111111111",
    "550e8400-e29b-41d4-a716-446655440000",
    "gid://shopify/Product/1234567890123",
    "gid://shopify/Order/5830137741322",
    "shopify:5830137741322",
    "print:shopify:5830137741322",
    "{\"external_id\":\"5830137741322\",\"order\":\"#1001\"}",
    "order #1001",
    "Order 5830137741322 was paid, order 4500000000006 too",
    "4500000000006",
    "4222222222222",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "eff_0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "1234567890:0123456789abcdef0123456789abcdef",
    "run_01J9Z8Y7X6W5V4U3T2S1R0Q9P8",
    "cp_0123456789abcdef0123456789abcdef",
    "task-force and risk-adjusted, disk-management-tools, risk_test_results",
    "Please choose a strong password and never share your password with anybody.",
    "Basic authentication and basic understanding; the bearer of good news",
    "1Z999AA10123456784",
    "9400111899223197428490",
    "https://tracking.example/t?code=9400111899223197428490&lang=en",
    "https://shop.example:8443/orders/5830137741322?page=2@3",
    "\"total_tokens\": 1234, \"tokens\": 99, \"prompt_tokens\": 12345678901234567",
    "29.99 USD, 1,299.00 EUR, 2999 cents",
    "key secretary tokenizer",
    "Bella+Canvas 3001 / M / 71 x 51 cm",
];

fn f(n: usize) -> String {
    "F".repeat(n)
}

/// Each class: its flag, a text around one example, and the part of it that must not survive.
fn examples() -> Vec<(&'static str, String)> {
    vec![
        ("secret:stripe_key", ["sk", "_test_", &f(24)].concat()),
        ("secret:stripe_key", ["rk", "-live-", &f(6)].concat()),
        ("secret:webhook_secret", ["whsec", "_", &f(24)].concat()),
        ("secret:shopify_token", ["shp", "at_", &"0".repeat(32)].concat()),
        ("secret:aws_key", ["AKI", "A", &"EXAMPLE".repeat(2), "XX"].concat()),
        ("secret:aws_secret", ["aws_secret_access_key", "=", &f(40)].concat()),
        ("secret:anthropic_key", ["sk-", "ant-", &f(20)].concat()),
        ("secret:openai_key", ["sk-", "proj-", &f(20)].concat()),
        ("secret:openai_key", ["sk", "-", &f(10)].concat()),
        ("secret:langsmith_key", ["lsv2", "_pt_", &"0".repeat(32)].concat()),
        ("secret:bearer_token", ["Bearer", " ", &f(40)].concat()),
        ("secret:jwt", ["ey", "J", &f(20), ".ey", "J", &f(20), ".", &f(30)].concat()),
        ("secret:basic_auth", ["Basic", " ", &"RkFLRQ==".repeat(2)].concat()),
        ("secret:password", ["password", ": ", "not-a-real-one"].concat()),
        ("secret:password", ["pwd", ":", "\"not a real one\""].concat()),
        ("secret:db_url", ["postgresql", "://u:", "FAKE@host/db"].concat()),
        ("secret:db_url", ["rediss", "://", "host:6379/0"].concat()),
        ("secret:url_credentials", ["https", "://u:", "FAKE@"].concat()),
        ("secret:slack_bot_token", ["xox", "b-", &"0".repeat(24)].concat()),
        ("secret:slack_app_token", ["xa", "pp-", &"0".repeat(24)].concat()),
        ("secret:slack_user_token", ["xox", "p-", &"0".repeat(24)].concat()),
        ("secret:slack_user_token", ["xox", "e-", &"0".repeat(24)].concat()),
        ("secret:slack_webhook", ["https://hooks.slack", ".com/services/", "T0/B0/", &f(24)].concat()),
        ("secret:telegram_bot_token", ["1234567890", ":", &f(35)].concat()),
        ("secret:discord_bot_token", ["M", &f(23), ".", &f(6), ".", &f(27)].concat()),
        ("secret:sendgrid_key", ["SG", ".", &f(22), ".", &f(22)].concat()),
        ("secret:twilio_key", ["A", "C", &"a".repeat(32)].concat()),
        ("secret:google_api_key", ["AI", "za", &f(35)].concat()),
        ("secret:github_token", ["gh", "p_", &f(36)].concat()),
        ("secret:github_pat", ["github", "_pat_", &f(22)].concat()),
        ("secret:npm_token", ["np", "m_", &f(36)].concat()),
        ("secret:printful_key", ["PRINTFUL_API_KEY", "=", "FAKE"].concat()),
        ("secret:private_key", ["-----BEGIN ", "PRIVATE KEY-----"].concat()),
        (
            "secret:private_key",
            ["-----BEGIN RSA ", "PRIVATE KEY-----\n", &f(64), "\nab\n-----END RSA ", "PRIVATE KEY-----"].concat(),
        ),
        ("secret:private_key", ["-----BEGIN ", "PRIVATE KEY-----\n", &f(64), "\n", &f(64)].concat()),
        ("secret:generic_secret", ["api_key", "=", "Fake1234Fake5678"].concat()),
        ("secret:generic_secret", ["token", ": ", "Fake1234Fake5678"].concat()),
        ("pii:ssn", ["123", "-45-", "6789"].concat()),
        ("pii:credit_card", ["4111 1111", " 1111 1111"].concat()),
        ("secret:known_value", KNOWN.concat()),
        ("secret:known_value", STANDARD.encode(KNOWN.concat())),
        ("secret:known_value", ["quite%2Fmy", "%20own%2Bthing"].concat()),
    ]
}

const KNOWN: [&str; 2] = ["quite/my", " own+thing"];

fn redactor() -> Redactor {
    Redactor::new([KNOWN.concat(), "short".to_owned()])
}

fn expected(flag: &str) -> String {
    let label = flag.split_once(':').map_or(flag, |(_, label)| label);
    format!("[REDACTED_{}]", label.to_uppercase())
}

#[test]
fn every_class_is_redacted_under_its_label_and_nothing_of_it_survives() {
    let redactor = redactor();
    for (flag, secret) in examples() {
        for (before, after) in [("", ""), ("see ", " end"), ("see\n", "\nend"), ("x=", " "), ("(", " )")] {
            let scan = redactor.scan(&format!("{before}{secret}{after}"));
            assert_eq!(scan.sanitized, format!("{before}{}{after}", expected(flag)), "{flag} {before:?}");
            assert_eq!(scan.flags, [flag]);
            assert_eq!(scan.redacted_count, 1);
            assert!(!scan.safe);
        }
    }
}

#[test]
fn innocent_texts_pass_untouched() {
    let redactor = redactor();
    for text in INNOCENT {
        let scan = redactor.scan(text);
        assert_eq!(scan.sanitized, *text);
        assert!(scan.safe && scan.flags.is_empty() && scan.redacted_count == 0);
    }
    let together = INNOCENT.join("\n");
    assert_eq!(redactor.redact(&together), together);
}

#[test]
fn a_secret_inside_json_text_leaves_it_readable_as_json() {
    let redactor = redactor();
    let value = serde_json::json!({
        "password": "not a-real one", "pwd": 123_456, "url": (["postgres", "://u:FAKE@h/db"].concat()),
        "client_secret": "Fake1234Fake5678", "aws_secret": (f(40)), "printful_api_key": "FAKE", "n": 1,
        "key": (["-----BEGIN ", "PRIVATE KEY-----\n", &f(64), "\n"].concat()),
    });
    let shown = serde_json::json!({
        "password": "[REDACTED_PASSWORD]", "url": "[REDACTED_DB_URL]", "client_secret": "[REDACTED_GENERIC_SECRET]",
        "aws_secret": "[REDACTED_AWS_SECRET]", "printful_api_key": "[REDACTED_PRINTFUL_KEY]", "n": 1,
    });
    let out = redactor.redact(&value.to_string());
    let out = out.replace(":[REDACTED_PASSWORD]", ":0");
    let mut read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read["pwd"], 0);
    let key = read["key"].as_str().unwrap();
    assert!(key.starts_with("[REDACTED_PRIVATE_KEY]") && !key.contains('F'));
    for name in ["pwd", "key"] {
        read.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(read, shown);

    let twice = serde_json::Value::from(value.to_string()).to_string();
    let out = redactor.redact(&twice);
    for secret in ["not a-real", "123456", "FAKE", "Fake1234", "FFFF"] {
        assert!(!out.contains(secret), "{out}");
    }
}

#[test]
fn two_secrets_are_two_places_and_flags_follow_the_table() {
    let card = ["4111 1111", " 1111 1111"].concat();
    let key = ["sk", "_test_", &f(24)].concat();
    let scan = redactor().scan(&format!("{card} and {key} and {key}"));
    assert_eq!(scan.flags, ["secret:stripe_key", "pii:credit_card"]);
    assert_eq!(scan.redacted_count, 3);
}

#[test]
fn a_known_value_is_found_inside_a_longer_base64_text_and_short_values_are_ignored() {
    let redactor = redactor();
    for user in ["u", "us", "use"] {
        let encoded = STANDARD.encode(format!("{user}:{}!", KNOWN.concat()));
        assert!(!redactor.scan(&encoded).safe, "{user}");
    }
    assert!(redactor.scan("a short word").safe);
}

#[test]
fn debug_shows_nothing_of_what_is_known() {
    let redactor = redactor();
    let mut stream = redactor.stream();
    let _ = stream.push("held text");
    let shown = format!("{redactor:?} {stream:?}");
    assert!(!shown.contains("quite") && !shown.contains("held"), "{shown}");
}

#[test]
fn a_stream_shows_text_as_it_comes_and_holds_a_long_secret_back() {
    let redactor = redactor();
    let mut stream = redactor.stream();
    let prose = "the quick brown fox ".repeat(40);
    let first = stream.push(&prose);
    assert!(first.len() > 400 && prose.starts_with(&first));
    let token = ["Bearer", " ", &f(2000)].concat();
    let mut out = first;
    for piece in token.as_bytes().chunks(100) {
        out.push_str(&stream.push(std::str::from_utf8(piece).unwrap()));
    }
    out.push_str(&stream.push(" end"));
    out.push_str(&stream.finish());
    assert_eq!(out, format!("{prose}[REDACTED_BEARER_TOKEN] end"));
}

fn streamed(redactor: &Redactor, text: &str, cuts: &[usize]) -> String {
    let mut points: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    points.sort_unstable();
    let mut stream = redactor.stream();
    let mut out = String::new();
    let mut at = 0;
    for mut point in points {
        while !text.is_char_boundary(point) {
            point += 1;
        }
        out.push_str(&stream.push(&text[at..point.max(at)]));
        at = point.max(at);
    }
    out.push_str(&stream.push(&text[at..]));
    out.push_str(&stream.finish());
    out
}

/// A text of prose, secrets and innocent texts, in pieces that make it long enough to leave the window.
fn mixed() -> impl Strategy<Value = String> {
    // A key block without its end swallows what follows up to the end of another one, or not, depending on how much of the
    // text is there; nothing of it is shown either way, but the two readings need not be the same text.
    let is_whole = |secret: &String| !secret.contains("-----BEGIN ") || secret.contains("-----END ");
    let secrets: Vec<String> = examples().into_iter().map(|(_, secret)| secret).filter(is_whole).collect();
    let part = prop_oneof![
        3 => proptest::sample::select(secrets),
        2 => proptest::sample::select(INNOCENT).prop_map(str::to_owned),
        2 => Just("the quick brown fox jumps over the lazy dog. ".repeat(4)),
        1 => "[a-zA-Z0-9 :=_./-]{0,12}",
        1 => ".{0,8}",
    ];
    let gap = prop_oneof![Just(" "), Just("\n"), Just(""), Just(", "), Just(" — "), Just("_")];
    proptest::collection::vec((part, gap), 1..14).prop_map(|parts| parts.into_iter().map(|(a, b)| a + b).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_stream_cut_anywhere_equals_the_whole(text in mixed(), cuts in proptest::collection::vec(any::<usize>(), 0..12)) {
        let redactor = redactor();
        prop_assert_eq!(streamed(&redactor, &text, &cuts), redactor.redact(&text));
    }

    #[test]
    fn redacting_twice_changes_nothing_more(text in mixed()) {
        let redactor = redactor();
        let once = redactor.scan(&text).sanitized;
        prop_assert_eq!(redactor.redact(&once), once);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let redactor = redactor();
        let once = redactor.redact(&text);
        prop_assert_eq!(redactor.redact(&once), once);
        prop_assert_eq!(streamed(&redactor, &text, &[3]), redactor.redact(&text));
        let _ = super::check_input(&text);
    }
}
