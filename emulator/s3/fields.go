package s3

import (
	"reflect"
	"sync"
)

// fieldNamed is FieldByName of one of the SDK's structs, by a table: the structs have up to fifty fields, and each request
// asks for some of them by name. The zero Value when there is none.
func fieldNamed(v reflect.Value, name string) reflect.Value {
	table, ok := fieldTables.Load(v.Type())
	if !ok {
		indices := make(map[string]int, v.NumField())
		for i := range v.NumField() {
			indices[v.Type().Field(i).Name] = i
		}
		table, _ = fieldTables.LoadOrStore(v.Type(), indices)
	}
	i, ok := table.(map[string]int)[name]
	if !ok {
		return reflect.Value{}
	}
	return v.Field(i)
}

var fieldTables sync.Map // reflect.Type → map[string]int
