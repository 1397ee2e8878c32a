//! Settings that are right one by one and wrong together.

use secrecy::ExposeSecret;

use crate::errors::{Problem, Warning};
use crate::groups::Groups;
use crate::mode::{Effects, EmbeddingProvider, Mode};
use crate::reader::Reader;
use crate::setting::{self, Setting};
use crate::upstream::Upstream;

pub(crate) fn run(groups: &Groups, reader: &mut Reader<'_>) {
    let mut checks = Checks { groups, reader, live: groups.process.mode == Mode::Live };
    checks.mode();
    checks.needed_upstreams();
    checks.payment_key();
    checks.signing_keys();
    checks.listeners();
    checks.console_user();
    checks.embeddings();
    checks.channels();
    checks.autonomy();
}

struct Checks<'c, 'r> {
    groups: &'c Groups,
    reader: &'c mut Reader<'r>,
    live: bool,
}

impl Checks<'_, '_> {
    fn mode(&mut self) {
        if self.live {
            for name in ["HOLLY_REHEARSAL_LIVE", "HOLLY_REHEARSAL_OLLAMA", "HOLLY_ALLOW_LIVE_KEYS"] {
                if self.is_set(name) {
                    self.warn(name, "has no meaning in live mode");
                }
            }
            return;
        }
        if !self.is_set("HOLLY_MODE") && !self.reader.has_problem("HOLLY_MODE") {
            self.warn("HOLLY_MODE", "is unset, so this is a rehearsal: no real shop, payment or print is touched");
        }
        if self.groups.process.effects == Effects::Off {
            self.warn("HOLLY_EFFECTS", "is off, so not even the rehearsal world is changed");
        }
    }

    /// What an upstream that is really called must have: all of them in live mode, the named ones in rehearsal.
    fn needed_upstreams(&mut self) {
        let shop = &self.groups.shop;
        for (one, other, half) in [
            ("SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET", shop.client_id.is_some() && shop.client_secret.is_none()),
            ("SHOPIFY_CLIENT_SECRET", "SHOPIFY_CLIENT_ID", shop.client_secret.is_some() && shop.client_id.is_none()),
        ] {
            if half && !self.reader.has_problem(other) {
                self.refuse(one, "is set without its other half", &format!("set {other} too, or neither"));
            }
        }
        let can_sign_in = shop.access_token.is_some() || (shop.client_id.is_some() && shop.client_secret.is_some());
        if self.live {
            if !can_sign_in {
                self.miss("SHOPIFY_ACCESS_TOKEN");
            }
            return;
        }
        let (payments, print, models) = (&self.groups.payments, &self.groups.print, &self.groups.models);
        for upstream in self.groups.rehearsal.live.clone() {
            let needs: &[(&str, bool)] = match upstream {
                Upstream::Shopify => &[("SHOPIFY_SHOP_URL", shop.url.is_some()), ("SHOPIFY_ACCESS_TOKEN", can_sign_in)],
                Upstream::Stripe => &[("STRIPE_SECRET_KEY", payments.secret_key.is_some())],
                Upstream::Printful => &[("PRINTFUL_API_KEY", print.api_key.is_some())],
                Upstream::Anthropic => &[("ANTHROPIC_API_KEY", models.anthropic_api_key.is_some())],
                Upstream::OpenAi => &[("OPENAI_API_KEY", models.openai_api_key.is_some())],
                Upstream::Ollama => &[("OLLAMA_BASE_URL", models.ollama_base_url.is_some())],
            };
            for (name, there) in needs {
                if !there {
                    self.miss(name);
                }
            }
        }
    }

    /// Real money and a rehearsal do not go together by accident.
    fn payment_key(&mut self) {
        let Some(key) = &self.groups.payments.secret_key else { return };
        let moves_money = key.expose_secret().get(3..).is_some_and(|rest| rest.starts_with("live_"));
        if !self.live && moves_money && !self.groups.payments.allow_live_keys {
            self.refuse(
                "STRIPE_SECRET_KEY",
                "is a key for real money in a rehearsal",
                "use a test key, or set HOLLY_ALLOW_LIVE_KEYS=1 if you mean it",
            );
        }
        if self.live && !moves_money {
            self.warn("STRIPE_SECRET_KEY", "is a test key: no payment of live mode will be found");
        }
    }

    fn signing_keys(&mut self) {
        let Some(key) = self.groups.auth.secret_key.as_ref().map(ExposeSecret::expose_secret) else { return };
        let same = |other: &Option<secrecy::SecretString>| other.as_ref().is_some_and(|o| o.expose_secret() == key);
        if same(&self.groups.console.jwt_secret) {
            self.refuse(
                "HOLLY_CONSOLE_JWT_SECRET",
                "is the same as AUTH_SECRET_KEY",
                "leave it unset (a key is derived) or set another",
            );
        }
        if same(&self.groups.auth.secret_key_previous) {
            self.refuse("AUTH_SECRET_KEY_PREVIOUS", "is the same as AUTH_SECRET_KEY", "set the key before it, or none");
        }
    }

    fn listeners(&mut self) {
        let (server, console) = (&self.groups.server, &self.groups.console);
        let overlap = server.host == console.host || server.host.is_unspecified() || console.host.is_unspecified();
        if server.port != 0 && server.port == console.port && overlap {
            self.refuse("HOLLY_CONSOLE_PORT", "is the port of the agents API too", "give HOLLY_CONSOLE_PORT another");
        }
        if server.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
            let what = "believes everybody, so that a caller may claim any address";
            if self.live {
                self.refuse("TRUSTED_PROXIES", what, "name the networks of your own proxies");
            } else {
                self.warn("TRUSTED_PROXIES", what);
            }
        }
    }

    fn console_user(&mut self) {
        let console = &self.groups.console;
        let has_password = console.user_password.is_some() || console.user_password_hash.is_some();
        let wrong = ["HOLLY_CONSOLE_USER_EMAIL", "HOLLY_CONSOLE_USER_PASSWORD", "HOLLY_CONSOLE_USER_PASSWORD_HASH"]
            .iter()
            .any(|name| self.reader.has_problem(name));
        if self.live && !wrong && console.user_email.is_some() != has_password {
            self.refuse(
                "HOLLY_CONSOLE_USER_EMAIL",
                "and its password do not come together",
                "set HOLLY_CONSOLE_USER_EMAIL and HOLLY_CONSOLE_USER_PASSWORD_HASH, or neither",
            );
        }
        if console.user_password.is_some() && console.user_password_hash.is_some() {
            self.warn("HOLLY_CONSOLE_USER_PASSWORD", "is ignored, because the hash is set");
        }
    }

    fn embeddings(&mut self) {
        let models = &self.groups.models;
        let played = !self.live;
        let lacking = match self.groups.memory.embedding_provider {
            EmbeddingProvider::Ollama if models.ollama_base_url.is_none() => {
                (!(played && self.groups.rehearsal.ollama)).then_some("OLLAMA_BASE_URL")
            }
            EmbeddingProvider::OpenAi if models.openai_api_key.is_none() => (!played).then_some("OPENAI_API_KEY"),
            _ => None,
        };
        if let Some(lacking) = lacking.filter(|name| !self.reader.has_problem(name)) {
            self.refuse("EMBEDDING_PROVIDER", "names a provider that is not configured", &format!("set {lacking} too"));
        }
    }

    fn channels(&mut self) {
        let mail = &self.groups.notifications;
        let parts = [
            mail.smtp_host.is_some(),
            mail.smtp_user.is_some(),
            mail.smtp_password.is_some(),
            mail.smtp_from.is_some(),
            !mail.smtp_recipients.is_empty(),
        ];
        if parts.contains(&true) && parts.contains(&false) {
            let text = "and its sisters are incomplete, so alerts by mail are off: \
                        set SMTP_HOST, SMTP_USER, SMTP_PASSWORD, SMTP_FROM and SMTP_RECIPIENTS";
            self.warn("SMTP_HOST", text);
        }
        let inbox = &self.groups.inbox;
        if inbox.user.is_some() != inbox.app_password.is_some() {
            self.warn("SAGE_GMAIL_USER", "and SAGE_GMAIL_APP_PASSWORD do not come together, so the inbox is off");
        }
        let telemetry = &self.groups.telemetry;
        if (telemetry.langsmith_tracing || telemetry.langsmith_tracing_v2) && telemetry.langsmith_api_key.is_none() {
            self.warn("LANGSMITH_TRACING_V2", "asks for traces without LANGSMITH_API_KEY, so none are sent");
        }
    }

    fn autonomy(&mut self) {
        let autonomy = &self.groups.autonomy;
        if autonomy.autonomous && autonomy.daily_budget_microusd == 0 {
            self.warn("HOLLY_DAILY_BUDGET_USD", "is 0, so the autonomous Holly asks no model");
        }
        if autonomy.task_timeout <= autonomy.poll_interval {
            let (what, remedy) = (
                "is not longer than HOLLY_POLL_INTERVAL, so a task may end before it was looked at",
                "set HOLLY_TASK_TIMEOUT well above HOLLY_POLL_INTERVAL",
            );
            if self.live {
                self.refuse("HOLLY_TASK_TIMEOUT", what, remedy);
            } else {
                self.warn("HOLLY_TASK_TIMEOUT", what);
            }
        }
    }

    fn is_set(&self, name: &str) -> bool {
        find(name).is_some_and(|setting| self.reader.is_set(setting))
    }

    /// Says that a setting is missing, unless something has been said of it.
    fn miss(&mut self, name: &str) {
        if let Some(setting) = find(name).filter(|_| !self.reader.has_problem(name)) {
            self.reader.missing(setting);
        }
    }

    fn refuse(&mut self, name: &str, what: &str, remedy: &str) {
        if !self.reader.has_problem(name) {
            let problem = Problem { name: name.to_owned(), what: what.to_owned(), remedy: remedy.to_owned() };
            self.reader.problems.push(problem);
        }
    }

    fn warn(&mut self, name: &str, text: &str) {
        self.reader.warnings.push(Warning { name: name.to_owned(), text: text.to_owned() });
    }
}

fn find(name: &str) -> Option<&'static Setting> {
    setting::all().find(|setting| setting.name == name)
}
