/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One HTTP request and its answer, as the owner of a server sees it in `hooks.request`. The body is
 * there, whole. Answer now or later, once; an answer to a peer that has gone is dropped. Reference
 * counted, not atomic: this thread only. */
typedef struct _BureauExchange BureauExchange;

BureauExchange *bureau_exchange_ref (BureauExchange *exchange);
void bureau_exchange_unref (BureauExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauExchange, bureau_exchange_unref)

/* "GET", "POST" …, upper case. */
const char *bureau_exchange_get_method (BureauExchange *exchange);
/* The path, percent-decoded, valid UTF-8, without NUL; it begins with "/". */
const char *bureau_exchange_get_path (BureauExchange *exchange);
/* The decoded parameters of the query: name → value, the last one where a name comes twice; empty
 * if there is none. (transfer none) */
GHashTable *bureau_exchange_get_query (BureauExchange *exchange);
/* The query as it came, without "?", for what may come more than once. (nullable) (transfer none)
 */
const char *bureau_exchange_get_query_text (BureauExchange *exchange);
/* A header of the request by its name in any case; NULL if it is not there. A header that comes
 * twice is joined with ", ". */
const char *bureau_exchange_get_header (BureauExchange *exchange, const char *name);
/* NUL-terminated behind its @length. (transfer none) */
const char *bureau_exchange_get_body (BureauExchange *exchange, gsize *length);
/* The peer's numeric address without the port. */
const char *bureau_exchange_get_address (BureauExchange *exchange);
/* Whether it came through TLS: else from this very machine. */
gboolean bureau_exchange_is_secure (BureauExchange *exchange);
/* TRUE once the peer has gone or the answer was given. */
gboolean bureau_exchange_is_over (BureauExchange *exchange);

/* Whoever asks is known: their connection no longer counts among those that are not signed in. */
void bureau_exchange_set_signed_in (BureauExchange *exchange);
/* A header of the answer; @value has no control characters, or it is left out. */
void bureau_exchange_set_header (BureauExchange *exchange, const char *name, const char *value);
/* Gives the answer. @type: of the body; @body (nullable): none. It goes out with the turn's write.
 */
void bureau_exchange_answer (BureauExchange *exchange, guint status, const char *type,
                             GBytes *body);
/* The same for a text that the exchange takes over. (transfer full) */
void bureau_exchange_answer_take (BureauExchange *exchange, guint status, const char *type,
                                  char *text);

/* Appends the next piece of an answer to @out. */
typedef enum {
    BUREAU_PIECE_MORE,
    BUREAU_PIECE_LAST,
    BUREAU_PIECE_FAILED, /* the peer will see that the answer is not whole */
} BureauPiece;
typedef BureauPiece (*BureauPieceFunc) (GString *out, gpointer data);

/* Gives an answer whose length is not known yet: @next is called from the loop, for one piece in
 * one turn, whenever the peer has taken what went before, as long as it has not gone and takes no
 * more than five minutes for all of it. Then, or at once if it has gone already, @data is freed. */
void bureau_exchange_stream (BureauExchange *exchange, guint status, const char *type,
                             BureauPieceFunc next, gpointer data, GDestroyNotify free_data);

G_END_DECLS
