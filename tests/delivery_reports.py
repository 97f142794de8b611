"""Reports on letters that did not arrive, as three kinds of mail servers word them (RFC 3464)."""

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.ville.example (Mail Delivery System)
To: pass@ville.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
    boundary="4X1.1795000000/mx.ville.example"
Message-Id: <20261118090001.4X1@mx.ville.example>

This is a MIME-encapsulated message.

--4X1.1795000000/mx.ville.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.ville.example.

<{address}>: host mx.example.org[192.0.2.7] said: {diagnostic}

--4X1.1795000000/mx.ville.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ville.example
X-Postfix-Queue-ID: 4X1
Arrival-Date: Wed, 18 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {diagnostic}

--4X1.1795000000/mx.ville.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Ville <pass@ville.example>
To: {address}
Subject: =?utf-8?q?Votre_demande_a_=C3=A9t=C3=A9_re=C3=A7ue?=
Message-ID: {message_id}

--4X1.1795000000/mx.ville.example--
"""

EXCHANGE = """\
From: <postmaster@example.org>
To: <pass@ville.example>
Subject: Undeliverable: Your request
MIME-Version: 1.0
Content-Type: multipart/report; boundary="_000_DM5"; report-type="delivery-status"
X-MS-Exchange-Message-Is-Ndr:

--_000_DM5
Content-Type: multipart/alternative; boundary="_001_DM5"

--_001_DM5
Content-Type: text/plain; charset="us-ascii"

Your message to {address} couldn't be delivered.

--_001_DM5
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>

--_001_DM5--
--_000_DM5
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR02.example.org
Received-From-MTA: dns;mx.ville.example

Final-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{diagnostic}

--_000_DM5
Content-Type: message/rfc822

From: Ville <pass@ville.example>
To: <{address}>
Message-ID:
 {message_id}
Subject: Your request
Content-Type: text/plain; charset="utf-8"

We have received your request.

--_000_DM5--
"""

EXIM = """\
X-Failed-Recipients: {address}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@relay.example.net>
To: pass@ville.example
Content-Type: multipart/report; report-type=delivery-status; boundary=1795000000-eximdsn-42
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1795000000-eximdsn-42
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered to one or more of its recipients.

--1795000000-eximdsn-42
Content-type: message/delivery-status

Reporting-MTA: dns; relay.example.net

Action: {action}
Final-Recipient: rfc822;forwarded@elsewhere.example
Status: {status}
Remote-MTA: dns; mx.elsewhere.example
Diagnostic-Code: smtp; {diagnostic}

--1795000000-eximdsn-42
Content-type: message/rfc822

Return-path: <pass@ville.example>
Received: from mx.ville.example by relay.example.net
To: {address}
From: Ville <pass@ville.example>
Message-ID: {message_id}

Bonjour.

--1795000000-eximdsn-42--
"""

SERVERS = {"postfix": POSTFIX, "exchange": EXCHANGE, "exim": EXIM}


def report(
    message_id: str,
    address: str,
    *,
    server: str = POSTFIX,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 User unknown",
) -> bytes:
    """Word a report on a letter, as a server does: lines end as they travel."""
    said = server.format(message_id=message_id, address=address, action=action, status=status, diagnostic=diagnostic)
    return said.replace("\n", "\r\n").encode()
