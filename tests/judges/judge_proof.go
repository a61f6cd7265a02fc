// Go's golang.org/x/mod/sumdb judges trees, notes, proofs and tiles, and makes its own for us to check: see judge_proof.py.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const entries = 70000

var dir = os.Args[1]

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "not accepted: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func must(holds bool, what string) {
	if !holds {
		check(fmt.Errorf("it does not hold"), what)
	}
}

func read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, name))
	check(err, name)
	return data
}

func write(name, text string) {
	check(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644), name)
}

func entry(index int64) []byte { return []byte(fmt.Sprintf("entry %d", index)) }

// The tree of "entry 0", "entry 1", … as Go keeps one.
func tree() tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for i := int64(0); i < entries; i++ {
		hashes, err := tlog.StoredHashes(i, entry(i), reader)
		check(err, "Go's own tree")
		stored = append(stored, hashes...)
	}
	return reader
}

func hashes(lines []string) (all []tlog.Hash) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		check(err, "hash "+line)
		all = append(all, hash)
	}
	return all
}

func lines(all []tlog.Hash) (text string) {
	for _, hash := range all {
		text += hash.String() + "\n"
	}
	return text
}

func split(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func openCheckpoint(data []byte, verifiers note.Verifiers, what string) (int64, tlog.Hash) {
	opened, err := note.Open(data, verifiers)
	check(err, what)
	must(len(opened.Sigs) == 1 && len(opened.UnverifiedSigs) == 1, what+": one signature of the log, one of a witness")
	text := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(text[1], 10, 64)
	check(err, what)
	root, err := tlog.ParseHash(text[2])
	check(err, what)
	return size, root
}

func numbers(path, kind string) (int64, int64) {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), kind+"-"), ".tlog-proof")
	first, second, found := strings.Cut(name, "-")
	must(found, path)
	a, err := strconv.ParseInt(first, 10, 64)
	check(err, path)
	b, err := strconv.ParseInt(second, 10, 64)
	check(err, path)
	return a, b
}

func find(pattern string) []string {
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	check(err, pattern)
	must(len(paths) > 0, pattern+": files are there")
	return paths
}

func main() {
	reader := tree()
	verifier, err := note.NewVerifier(string(read("vkey")))
	check(err, "the log's key")
	signer, err := note.NewSigner(string(read("skey")))
	check(err, "the log's private key")
	verifiers := note.VerifierList(verifier)
	roots := map[int64]tlog.Hash{}
	proofs, tiles := 0, 0

	for _, path := range find("checkpoint-*") {
		size, root := openCheckpoint(read(filepath.Base(path)), verifiers, path)
		own, err := tlog.TreeHash(size, reader)
		check(err, path)
		must(own == root, path+": the root is Go's")
		roots[size] = root
		made, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)}, signer)
		check(err, "Go's own note")
		write("go-"+filepath.Base(path), string(made))
	}
	for _, path := range find("inclusion-*") {
		size, index := numbers(path, "inclusion")
		head, checkpoint, found := strings.Cut(string(read(filepath.Base(path))), "\n\n")
		must(found, path)
		own, root := openCheckpoint([]byte(checkpoint), verifiers, path)
		text := strings.Split(head, "\n")
		must(own == size && text[0] == "c2sp.org/tlog-proof@v1" && text[2] == fmt.Sprintf("index %d", index), path)
		extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text[1], "extra "))
		check(err, path)
		must(bytes.Equal(extra, entry(index)), path+": the entry is in it")
		proof := hashes(text[3:])
		check(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry(index))), path)
		must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry(index+1))) != nil, path+": not another entry")
		made, err := tlog.ProveRecord(size, index, reader)
		check(err, path)
		must(lines(made) == lines(proof), path+": the proof is Go's")
		write(fmt.Sprintf("go-inclusion-%d-%d", size, index), lines(made))
		proofs++
	}
	for _, path := range find("consistency-*") {
		older, size := numbers(path, "consistency")
		proof := hashes(split(string(read(filepath.Base(path)))))
		check(tlog.CheckTree(proof, size, roots[size], older, roots[older]), path)
		if older < size {
			must(tlog.CheckTree(proof, size, roots[size], older, roots[size]) != nil, path+": not another tree")
		}
		made, err := tlog.ProveTree(size, older, reader)
		check(err, path)
		must(lines(made) == lines(proof), path+": the proof is Go's")
		write(fmt.Sprintf("go-consistency-%d-%d", older, size), lines(made))
		proofs++
	}
	// Go writes the tiles' height into their paths, C2SP does not.
	for level := 0; entries>>(8*level) > 0; level++ {
		width := int64(entries >> (8 * level))
		for n := int64(0); n*256 < width; n++ {
			tile := tlog.Tile{H: 8, L: level, N: n, W: 256}
			if left := width - n*256; left < 256 {
				tile.W = int(left)
			}
			path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			own, err := tlog.ReadTileData(tile, reader)
			check(err, path)
			must(bytes.Equal(own, read(path)), path+": the tile is Go's")
			tiles++
		}
	}
	fmt.Printf("Go accepted %d notes, %d proofs and %d tiles\n", len(roots), proofs, tiles)
}
