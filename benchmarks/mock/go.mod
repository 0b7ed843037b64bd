module mockgateway

go 1.21
