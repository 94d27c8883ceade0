package main

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"

	"github.com/FerretDB/wire"
	"github.com/FerretDB/wire/wirebson"
)

// gate stands between the clients and FerretDB and mends two things that MongoDB promises and FerretDB 1 lacks.
//
// An update of one document is atomic: FerretDB reads, decides and writes in separate steps, so that two updates
// with the same filter can both match. Here one write runs at a time.
//
// An unordered bulk update tries every statement and names each that failed: FerretDB stops at the first
// (https://github.com/FerretDB/FerretDB/issues/2612). Here each statement is sent alone, and the answers are put
// together.
type gate struct {
	writing sync.Mutex
	backend string // host and port of FerretDB
}

var writes = map[string]bool{
	"insert": true, "update": true, "delete": true, "findAndModify": true, "findandmodify": true,
	"create": true, "createIndexes": true, "drop": true, "dropDatabase": true, "dropIndexes": true,
}

// serve takes connections until the context ends.
func (g *gate) serve(ctx context.Context, listener net.Listener) error {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		client, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			if err := g.relay(client); err != nil && !errors.Is(err, wire.ErrZeroRead) && ctx.Err() == nil {
				slog.Warn("connection ended", "error", err)
			}
		}()
	}
}

// relay answers the requests of one client, one after the other.
func (g *gate) relay(client net.Conn) error {
	server, err := net.Dial("tcp", g.backend)
	if err != nil {
		return err
	}
	defer server.Close()
	link := &link{reader: bufio.NewReader(server), writer: bufio.NewWriter(server)}
	reader, writer := bufio.NewReader(client), bufio.NewWriter(client)
	for {
		header, body, err := wire.ReadMessage(reader)
		if err != nil {
			return err
		}
		header, body, err = g.answer(link, header, body)
		if err != nil {
			return err
		}
		if err := write(writer, header, body); err != nil {
			return err
		}
	}
}

// answer gets the server's answer to one request.
func (g *gate) answer(link *link, header *wire.MsgHeader, body wire.MsgBody) (*wire.MsgHeader, wire.MsgBody, error) {
	message, ok := body.(*wire.OpMsg)
	if !ok {
		return link.ask(header, body)
	}
	command, err := message.RawSection0().Decode()
	if err != nil {
		return nil, nil, err
	}
	if !writes[command.Command()] {
		return link.ask(header, body)
	}
	if command.Command() == "update" && command.Get("ordered") == false {
		if sections := message.Sections(); len(sections) == 2 && sections[1].Identifier == "updates" {
			return g.update(link, header, command, sections[1].Documents())
		}
	}
	g.writing.Lock()
	defer g.writing.Unlock()
	return link.ask(header, body)
}

// update sends the statements of an unordered bulk update one by one.
func (g *gate) update(
	link *link, header *wire.MsgHeader, command *wirebson.Document, statements []wirebson.RawDocument,
) (*wire.MsgHeader, wire.MsgBody, error) {
	var matched, modified int32
	upserted, failed := wirebson.MakeArray(0), wirebson.MakeArray(0)
	for i, statement := range statements {
		command.Remove("updates")
		if err := command.Add("updates", wirebson.MustArray(statement)); err != nil {
			return nil, nil, err
		}
		request, err := wire.NewOpMsg(command)
		if err != nil {
			return nil, nil, err
		}
		g.writing.Lock()
		answerHeader, body, err := link.ask(header, request)
		g.writing.Unlock()
		if err != nil {
			return nil, nil, err
		}
		answer, err := body.(*wire.OpMsg).RawSection0().DecodeDeep()
		if err != nil {
			return nil, nil, err
		}
		if answer.Get("ok") != float64(1) {
			return answerHeader, body, nil
		}
		n, _ := answer.Get("n").(int32)
		nModified, _ := answer.Get("nModified").(int32)
		matched, modified = matched+n, modified+nModified
		for field, all := range map[string]*wirebson.Array{"upserted": upserted, "writeErrors": failed} {
			one, _ := answer.Get(field).(*wirebson.Array)
			if one == nil {
				continue
			}
			entry := one.Get(0).(*wirebson.Document)
			if err := errors.Join(entry.Replace("index", int32(i)), all.Add(entry)); err != nil {
				return nil, nil, err
			}
		}
	}
	answer := wirebson.MustDocument("n", matched, "nModified", modified)
	for field, all := range map[string]*wirebson.Array{"upserted": upserted, "writeErrors": failed} {
		if all.Len() > 0 {
			if err := answer.Add(field, all); err != nil {
				return nil, nil, err
			}
		}
	}
	if err := answer.Add("ok", float64(1)); err != nil {
		return nil, nil, err
	}
	body, err := wire.NewOpMsg(answer)
	return &wire.MsgHeader{RequestID: header.RequestID, ResponseTo: header.RequestID, OpCode: wire.OpCodeMsg}, body, err
}

// link is one connection to FerretDB.
type link struct {
	reader *bufio.Reader
	writer *bufio.Writer
}

func (l *link) ask(header *wire.MsgHeader, body wire.MsgBody) (*wire.MsgHeader, wire.MsgBody, error) {
	if err := write(l.writer, header, body); err != nil {
		return nil, nil, err
	}
	return wire.ReadMessage(l.reader)
}

func write(w *bufio.Writer, header *wire.MsgHeader, body wire.MsgBody) error {
	bytes, err := body.MarshalBinary()
	if err != nil {
		return err
	}
	whole := *header
	whole.MessageLength = int32(wire.MsgHeaderLen + len(bytes))
	if err := wire.WriteMessage(w, &whole, body); err != nil {
		return err
	}
	return w.Flush()
}
