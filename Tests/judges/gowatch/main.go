// Gowatch follows pairs of certificate and key as a running kube-apiserver does (k8s.io/apiserver's dynamic serving content
// on fsnotify, both of Kubernetes 1.36), runs a command again and again, and says after which runs it missed the new pair.
//
//	gowatch RUNS PAIR[,PAIR...] COMMAND [ARGUMENT...]
//
// A PAIR is a path without .crt and .key, or CERTIFICATE:KEY. The command finds the number of its run, from 1, in the variable RUN.
//
// What matters of the two libraries: one inotify instance watches both files, not their directory. It knows a watch by the
// number that the kernel gives it, and the kernel gives one number to each inode, whatever its name. One goroutine reads
// events; a second one removes the watch on a name and adds it again when its file is removed or renamed; a third one reads
// both files after every event, takes them if they are a pair, and tries again after a growing while if they are not. A
// watcher that fails is made anew after a minute; here, one whose file was missing is made anew at once. The first goroutine
// holds the lock on the watches while it waits for the second one to take an error, so that both may wait for ever: that is
// how an exchange of two names blinds an API server, if its reader comes late.
package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	mask = syscall.IN_CREATE | syscall.IN_MODIFY | syscall.IN_DELETE | syscall.IN_DELETE_SELF | syscall.IN_MOVED_TO |
		syscall.IN_MOVED_FROM | syscall.IN_MOVE_SELF | syscall.IN_ATTRIB
	retryMissing = 50 * time.Millisecond
	firstDelay   = 5 * time.Millisecond
	patience     = 3 * time.Second
)

func main() {
	if len(os.Args) < 4 {
		log.Fatal("usage: gowatch RUNS PAIR[,PAIR...] COMMAND [ARGUMENT...]")
	}
	runs, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	followers := []*follower{}
	for _, pair := range strings.Split(os.Args[2], ",") {
		followers = append(followers, follow(pair))
	}
	missed := 0
	for run := 1; run <= runs; run++ {
		command := exec.Command(os.Args[3], os.Args[4:]...)
		command.Env = append(os.Environ(), "RUN="+strconv.Itoa(run))
		if output, err := command.CombinedOutput(); err != nil {
			log.Fatalf("run %d: %v\n%s", run, err, output)
		}
		for _, follower := range followers {
			if !follower.hasCaughtUp() {
				fmt.Printf("run %d: %s and %s are not followed\n", run, follower.certificate, follower.key)
				missed++
			}
		}
	}
	fmt.Printf("%d runs, %d pairs missed\n", runs, missed)
	if missed > 0 {
		os.Exit(1)
	}
}

// A follower has the pair that it read last.
type follower struct {
	certificate, key string
	mutex            sync.Mutex
	leaf             []byte
	queue            chan struct{}
}

func follow(pair string) *follower {
	certificate, key, isNamed := strings.Cut(pair, ":")
	if !isNamed {
		certificate, key = pair+".crt", pair+".key"
	}
	f := &follower{certificate: certificate, key: key, queue: make(chan struct{}, 1)}
	if !f.load() {
		log.Fatalf("%s and %s are no pair", certificate, key)
	}
	go f.work()
	ready := make(chan struct{})
	var once sync.Once
	go func() {
		for {
			err := f.watch(func() { once.Do(func() { close(ready) }) })
			if errors.Is(err, syscall.ENOENT) {
				time.Sleep(retryMissing)
			} else {
				time.Sleep(time.Minute)
			}
		}
	}()
	<-ready
	return f
}

// Load takes what is in the files, where it is a pair.
func (f *follower) load() bool {
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return false
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.leaf = pair.Certificate[0]
	return true
}

// Enqueue asks for the files to be read; asked twice before that is done, it is done once.
func (f *follower) enqueue() {
	select {
	case f.queue <- struct{}{}:
	default:
	}
}

// Work reads the files whenever it is asked to.
func (f *follower) work() {
	delay := firstDelay
	for range f.queue {
		if f.load() {
			delay = firstDelay
			continue
		}
		time.AfterFunc(delay, f.enqueue)
		delay *= 2
	}
}

// HasCaughtUp waits until the follower has what is on the disk.
func (f *follower) hasCaughtUp() bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
		if err != nil {
			log.Fatal(err)
		}
		f.mutex.Lock()
		isSame := bytes.Equal(f.leaf, pair.Certificate[0])
		f.mutex.Unlock()
		if isSame {
			return true
		}
	}
	return false
}

// Watches is what fsnotify knows: names by numbers and numbers by names.
type watches struct {
	file    int
	errors  chan error
	mutex   sync.Mutex
	paths   map[int32]string
	numbers map[string]int32
}

// Add watches what has this name now. An inode that is watched already keeps the name that it was watched by.
func (w *watches) add(path string) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	flags := uint32(mask)
	old, isKnown := w.numbers[path]
	if isKnown {
		flags |= syscall.IN_MASK_ADD
	}
	number, err := syscall.InotifyAddWatch(w.file, path, flags)
	if err != nil {
		return err
	}
	wd := int32(number)
	if other, isWatched := w.paths[wd]; isWatched {
		w.numbers[other] = wd
	} else {
		w.paths[wd], w.numbers[path] = path, wd
	}
	if isKnown && wd != old {
		delete(w.paths, old)
	}
	return nil
}

func (w *watches) remove(path string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if wd, isKnown := w.numbers[path]; isKnown {
		w.forget(wd)
		// Of a file that is gone, the kernel has removed the watch.
		_, _ = syscall.InotifyRmWatch(w.file, uint32(wd))
	}
}

func (w *watches) forget(wd int32) {
	delete(w.numbers, w.paths[wd])
	delete(w.paths, wd)
}

// Take says which name an event of the kernel's is about, and whether its file is gone from there.
func (w *watches) take(wd int32, event uint32) (path string, isGone, isKnown bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	path, isKnown = w.paths[wd]
	if !isKnown {
		return path, false, false
	}
	if event&(syscall.IN_IGNORED|syscall.IN_UNMOUNT) != 0 {
		w.forget(wd)
		return path, false, false
	}
	if event&syscall.IN_DELETE_SELF != 0 {
		w.forget(wd)
	}
	if event&syscall.IN_MOVE_SELF != 0 {
		w.forget(wd)
		// The file may have been removed since, and the kernel's watch with it.
		if _, err := syscall.InotifyRmWatch(w.file, uint32(wd)); err != nil {
			w.errors <- err
		}
	}
	return path, event&(syscall.IN_DELETE_SELF|syscall.IN_MOVE_SELF) != 0, true
}

// An event is a name and whether its file is gone from there.
type event struct {
	path   string
	isGone bool
}

// Read hands the kernel's events on, until the file is closed.
func (w *watches) read(file *os.File, events chan<- event) {
	buffer := make([]byte, 65536)
	for {
		count, err := file.Read(buffer)
		if err != nil {
			return
		}
		for offset := 0; offset < count; {
			wd := int32(binary.NativeEndian.Uint32(buffer[offset:]))
			kind := binary.NativeEndian.Uint32(buffer[offset+4:])
			offset += syscall.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(buffer[offset+12:]))
			if path, isGone, isKnown := w.take(wd, kind); isKnown {
				events <- event{path, isGone}
			}
		}
	}
}

// Watch follows the two files until one is missing that has to be watched.
func (f *follower) watch(isReady func()) error {
	f.enqueue()
	number, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(number), "inotify")
	w := &watches{file: number, errors: make(chan error), paths: map[int32]string{}, numbers: map[string]int32{}}
	events := make(chan event)
	go w.read(file, events)
	defer file.Close()
	for _, path := range []string{f.certificate, f.key} {
		if err := w.add(path); err != nil {
			return err
		}
	}
	f.enqueue()
	isReady()
	for {
		select {
		case err := <-w.errors:
			return err
		case event := <-events:
			if event.isGone {
				w.remove(event.path)
				if err := w.add(event.path); err != nil {
					f.enqueue()
					return err
				}
			}
			f.enqueue()
		}
	}
}
