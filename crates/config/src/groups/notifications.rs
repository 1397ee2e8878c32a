//! Alerts and reports to people.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Alerts and reports to people; a channel with something missing is off.
    Notifications, "Notifications" {
        /// Incoming webhook of a Slack channel.
        option slack_webhook_url: SecretString = Setting::new("SLACK_WEBHOOK_URL").secret(), parse::HTTPS_URL;
        /// Mail server; TLS is always used.
        option smtp_host: String = Setting::new("SMTP_HOST"), parse::HOST_NAME;
        /// Its port: 587 starts with STARTTLS, 465 is TLS from the first byte.
        value smtp_port: u16 = Setting::new("SMTP_PORT").default("587"), parse::PORT;
        /// User at the mail server.
        option smtp_user: String = Setting::new("SMTP_USER"), parse::TEXT;
        /// Password at the mail server.
        option smtp_password: SecretString = Setting::new("SMTP_PASSWORD").secret(), parse::LOGIN;
        /// Sender of the mails.
        option smtp_from: String = Setting::new("SMTP_FROM"), parse::MAIL;
        /// Who gets the alerts.
        value smtp_recipients: Vec<String> = Setting::new("SMTP_RECIPIENTS").default(""), parse::ADDRESSES;
    }
}
