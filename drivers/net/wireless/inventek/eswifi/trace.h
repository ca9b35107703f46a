/* SPDX-License-Identifier: GPL-2.0-only */
/* Trace events of the eS-WiFi driver. What they show has no secrets in it. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM eswifi

#if !defined(ESWIFI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ESWIFI_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <uapi/linux/eswifi.h>

/* The module has said what nobody understands. */
TRACE_EVENT(eswifi_odd_reply,
	    TP_PROTO(int id, const char *command, const char *text),
	    TP_ARGS(id, command, text),
	    TP_STRUCT__entry(__field(int, id)
			     __array(char, command, 3)
			     __array(char, text, ESWIFI_TEXT_SIZE)
	    ),
	    TP_fast_assign(__entry->id = id;
			   strscpy(__entry->command, command, sizeof(__entry->command));
			   strscpy(__entry->text, text, ESWIFI_TEXT_SIZE);
	    ),
	    TP_printk("eswifi%d %s: %s", __entry->id, __entry->command, __entry->text)
);

#endif /* ESWIFI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
