//! The mailbox and telephone of the owner.

use secrecy::SecretString;

use crate::mode::SmsCarrier;
use crate::parse;
use crate::setting::Setting;

settings! {
    /// The mailbox through which the owner talks to Holly, and the telephone she writes to.
    Inbox, "Inbox" {
        /// Address of the mailbox; only mail from it is listened to.
        option user: String = Setting::new("SAGE_GMAIL_USER"), parse::MAIL;
        /// App password of the mailbox.
        option app_password: SecretString = Setting::new("SAGE_GMAIL_APP_PASSWORD").secret(), parse::LOGIN;
        /// Telephone that gets text messages.
        option sms_number: String = Setting::new("SAGE_SMS_NUMBER"), parse::PHONE;
        /// Its carrier.
        value sms_carrier: SmsCarrier = Setting::new("SAGE_SMS_CARRIER").default("verizon"), parse::SMS_CARRIER;
        /// IMAP server over TLS.
        value imap_host: (String, u16) = Setting::new("SAGE_IMAP_HOST").default("imap.gmail.com"), parse::LISTENER;
        /// Recipients that need no approval.
        option email_allowlist: Vec<String> = Setting::new("SAGE_EMAIL_ALLOWLIST").derived("SAGE_GMAIL_USER"), parse::ADDRESSES;
    }
}
