// Checks a log written by the Rust tests with the Go team's sumdb packages.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oracle/note"
	"oracle/tlog"
)

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(1)
	}
	return v
}

type tiles struct{ dir string }

func path(kind string, t tlog.Tile) string {
	n := fmt.Sprintf("%03d", t.N%1000)
	for r := t.N / 1000; r > 0; r /= 1000 {
		n = fmt.Sprintf("x%03d/%s", r%1000, n)
	}
	if t.W < 256 {
		n += fmt.Sprintf(".p/%d", t.W)
	}
	return filepath.Join("tile", kind, n)
}

func (tiles) Height() int                      { return 8 }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range list {
		data, err := os.ReadFile(filepath.Join(r.dir, path(fmt.Sprint(t.L), t)))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func main() {
	dir := os.Args[1]
	key := must(note.NewVerifier(os.Args[2]))
	text := string(must(os.ReadFile(filepath.Join(dir, "checkpoint"))))
	opened := must(note.Open([]byte(text), note.VerifierList(key)))
	lines := strings.Split(opened.Text, "\n")
	var size int64
	fmt.Sscan(lines[1], &size)
	root := must(tlog.ParseHash(lines[2]))
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{dir})

	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, N: n, W: int(min(256, size-n*256))}
		data := must(os.ReadFile(filepath.Join(dir, path("entries", tile))))
		for i := n * 256; len(data) > 0; i++ {
			length := int(binary.BigEndian.Uint16(data))
			hash := must(reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)}))[0]
			if tlog.RecordHash(data[2:2+length]) != hash {
				fmt.Println("FAIL: entry", i)
				os.Exit(1)
			}
			data = data[2+length:]
		}
	}
	parse := func(name string) (list []tlog.Hash) {
		for _, line := range strings.Fields(string(must(os.ReadFile(filepath.Join(dir, name))))) {
			var h tlog.Hash
			copy(h[:], must(base64.StdEncoding.DecodeString(line)))
			list = append(list, h)
		}
		return
	}
	entry := must(os.ReadFile(filepath.Join(dir, "entry")))
	err := tlog.CheckRecord(parse("inclusion"), size, root, 300, tlog.RecordHash(entry))
	if err == nil {
		old := parse("old_root")[0]
		err = tlog.CheckTree(parse("consistency"), size, root, 500, old)
	}
	must(0, err)
	fmt.Println("OK", size)
}
