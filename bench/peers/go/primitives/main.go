// The primitives on goroutines with GOMAXPROCS=1, but 2 where another thread takes part.
//
//	primitives NAME WARM_SECONDS SECONDS
//
// Prints nanoseconds an operation as a line of JSON; exit status 3 when there is no such primitive.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

const (
	samples         = 3
	noSuchPrimitive = 3
	parkedTasks     = 1_000_000
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "primitives:", err)
		os.Exit(1)
	}
}

// CPU time of the whole process.
func cpuNanos() int64 {
	const clockProcessCPUTime = 2
	var time syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockProcessCPUTime, uintptr(unsafe.Pointer(&time)), 0)
	if errno != 0 {
		check(errno)
	}
	return time.Nano()
}

func resident() int64 {
	status, err := os.ReadFile("/proc/self/statm")
	check(err)
	pages, err := strconv.ParseInt(strings.Fields(string(status))[1], 10, 64)
	check(err)
	return pages * int64(os.Getpagesize())
}

func all(count int, task func(int)) {
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		i := i
		go func() {
			task(i)
			group.Done()
		}()
	}
	group.Wait()
}

func through(size int) int {
	const items = 200_000
	queue := make(chan int, size)
	go func() {
		for i := 0; i < items; i++ {
			queue <- i
		}
	}()
	for i := 0; i < items; i++ {
		<-queue
	}
	return items
}

func delay(random *rand.Rand) time.Duration {
	return time.Millisecond + time.Duration(random.Int63n(int64(49*time.Millisecond)))
}

// Each returns how many operations it made.
var primitives = map[string]func() int{
	"switch": func() int {
		all(100, func(int) {
			for i := 0; i < 1_000; i++ {
				runtime.Gosched()
			}
		})
		return 100_000
	},
	"spawn": func() int {
		results := make([]int, 10_000)
		all(10_000, func(i int) { results[i] = i })
		return 10_000
	},
	"queue_1":   func() int { return through(1) },
	"queue_100": func() int { return through(100) },
	"sleep": func() int {
		random := rand.New(rand.NewSource(1))
		delays := make([]time.Duration, 100_000)
		for i := range delays {
			delays[i] = delay(random)
		}
		all(len(delays), func(i int) { time.Sleep(delays[i]) })
		return len(delays)
	},
	"timer_cancel": func() int {
		timers := make([]*time.Timer, 1_000_000)
		for i := range timers {
			timers[i] = time.AfterFunc(10*time.Second+time.Duration(i)*10*time.Microsecond, func() {})
		}
		for _, timer := range timers {
			timer.Stop()
		}
		return len(timers)
	},
	"lock": func() int {
		var lock sync.Mutex
		for i := 0; i < 1_000_000; i++ {
			lock.Lock()
			lock.Unlock()
		}
		return 1_000_000
	},
	"lock_100": func() int {
		var lock sync.Mutex
		all(100, func(int) {
			for i := 0; i < 100; i++ {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
			}
		})
		return 10_000
	},
	"await_done": func() int {
		done := make(chan int)
		close(done)
		for i := 0; i < 1_000_000; i++ {
			<-done
		}
		return 1_000_000
	},
	"await_soon": func() int {
		for i := 0; i < 100_000; i++ {
			result := make(chan int, 1)
			go func() { result <- 1 }()
			<-result
		}
		return 100_000
	},
	"ping": func() int {
		requests, answers := make(chan int), make(chan int)
		go func() {
			runtime.LockOSThread()
			for i := 0; i < 5_000; i++ {
				requests <- i
				<-answers
			}
			close(requests)
		}()
		for request := range requests {
			answers <- request
		}
		return 5_000
	},
	"post": func() int {
		callbacks := make(chan func(), 1024)
		go func() {
			runtime.LockOSThread()
			for i := 0; i < 100_000; i++ {
				callbacks <- func() {}
			}
			close(callbacks)
		}()
		for callback := range callbacks {
			callback()
		}
		return 100_000
	},
}

// Nanoseconds an operation, by the wall and by the CPU clock.
func sample(workload func() int, seconds float64) (float64, float64) {
	runtime.GC()
	operations, start, cpu := 0, time.Now(), cpuNanos()
	for {
		operations += workload()
		if used := cpuNanos() - cpu; float64(used) >= seconds*1e9 {
			return float64(time.Since(start)) / float64(operations), float64(used) / float64(operations)
		}
	}
}

func measure(workload func() int, warm, seconds float64) {
	sample(workload, warm)
	var walls, cpus []float64
	for i := 0; i < samples; i++ {
		wall, cpu := sample(workload, seconds)
		walls, cpus = append(walls, wall), append(cpus, cpu)
	}
	sort.Float64s(walls)
	sort.Float64s(cpus)
	fmt.Printf("{\"ns\": %.2f, \"cpu_ns\": %.2f}\n", walls[samples/2], cpus[samples/2])
}

func parked() {
	live := func() int64 {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return int64(memory.HeapAlloc + memory.StackInuse)
	}
	debug.FreeOSMemory()
	event := make(chan struct{})
	var group sync.WaitGroup
	group.Add(parkedTasks)
	heap, rss, start, cpu := live(), resident(), time.Now(), cpuNanos()
	for i := 0; i < parkedTasks; i++ {
		go func() {
			<-event
			group.Done()
		}()
	}
	runtime.Gosched()
	parkWall, parkCPU := time.Since(start), cpuNanos()-cpu
	rss, heap = resident()-rss, live()-heap
	start, cpu = time.Now(), cpuNanos()
	close(event)
	group.Wait()
	wall, used := parkWall+time.Since(start), parkCPU+cpuNanos()-cpu
	each := func(total int64) float64 { return float64(total) / parkedTasks }
	fmt.Printf("{\"ns\": %.2f, \"cpu_ns\": %.2f, \"park_cpu_ns\": %.2f, \"heap_bytes\": %.1f, \"rss_bytes\": %.1f}\n",
		each(int64(wall)), each(used), each(parkCPU), each(heap), each(rss))
}

func main() {
	name := os.Args[1]
	if name == "ping" || name == "post" {
		runtime.GOMAXPROCS(2)
	} else {
		runtime.GOMAXPROCS(1)
	}
	if name == "parked" {
		parked()
		return
	}
	workload, known := primitives[name]
	if !known {
		os.Exit(noSuchPrimitive)
	}
	warm, err := strconv.ParseFloat(os.Args[2], 64)
	check(err)
	seconds, err := strconv.ParseFloat(os.Args[3], 64)
	check(err)
	measure(workload, warm, seconds)
}
